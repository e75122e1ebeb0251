"""The repository's policies have no survivors: every change of their text is noticed by a case, refused, proven to change
nothing, or marked with the reason why it changes nothing."""

from pathlib import Path

import pytest

from engine.bundle import policy_files
from engine.cases.reader import case_files, read_cases
from engine.mutation.judge import judge
from tests.engine.policies import shipped

ROOT = Path(__file__).parents[3]
POLICIES = [path.stem for path in policy_files(ROOT / "policies")]


def cases_of(policy: str) -> list:
    found = [case for path in case_files([ROOT / "tests/policy_cases"]) for case in read_cases(path)[0]]
    return [case for case in found if case.policy == policy]


@pytest.mark.parametrize("policy", POLICIES)
def test_every_mutant_of_a_shipped_policy_is_noticed(policy):
    verdicts = judge(shipped(), policy, cases_of(policy))
    told = [*verdicts.problems, *(mutant.diagnostic() for mutant in verdicts.survivors)]
    assert told == [], "\n".join(diagnostic.render() for diagnostic in told)
    assert verdicts.noticed > 10
