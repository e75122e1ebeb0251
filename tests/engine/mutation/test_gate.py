"""The shipped policies have no surviving mutants: each is detected by a case, rejected, proven equivalent, or marked as
equivalent with a reason."""

from pathlib import Path

import pytest

from engine.bundle import policy_files
from engine.cases.reader import case_files, read_cases
from engine.mutation import judge as judging
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped

ROOT = Path(__file__).parents[3]
POLICIES = [path.stem for path in policy_files(ROOT / "policies")]


def cases_of(policy: str) -> list:
    cases = [case for path in case_files([ROOT / "tests/policy_cases"]) for case in read_cases(path)[0]]
    return [case for case in cases if case.policy == policy]


SHARE = 4
MOST = 10


@pytest.fixture(autouse=not FULL)
def some_of_the_mutants(monkeypatch):
    def some(versions):
        mutants = list(every(versions))
        return mutants[:: max(SHARE, len(mutants) // MOST)]

    every = judging.mutants_of
    monkeypatch.setattr(judging, "mutants_of", some)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_mutant_of_a_shipped_policy_is_noticed(policy):
    """A small run tries some of the mutants; only a full run can tell whether a mark is unnecessary."""
    verdicts = judging.judge(shipped(), policy, cases_of(policy))
    problems = [problem for problem in verdicts.problems if FULL or problem.code != "needless-mark"]
    diagnostics = [*problems, *(mutant.diagnostic() for mutant in verdicts.survivors)]
    assert diagnostics == [], "\n".join(diagnostic.render() for diagnostic in diagnostics)
    assert verdicts.noticed > (5 if FULL else 1)
