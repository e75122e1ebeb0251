"""The shipped policies have no surviving mutants: each is detected by a case, rejected, proven equivalent, or marked as
equivalent with a reason."""

import random
from pathlib import Path

import pytest

from engine.bundle import policy_files
from engine.mutation import judge as judging
from tests.engine.generated.chance import FULL
from tests.engine.policies import all_cases, shipped

ROOT = Path(__file__).parents[3]
POLICIES = [path.stem for path in policy_files(ROOT / "policies")]


def cases_of(policy: str) -> list:
    return [case for case in all_cases() if case.policy == policy]


MOST = 5


@pytest.fixture(autouse=not FULL)
def some_of_the_mutants(monkeypatch):
    """Others with each seed of pytest-randomly."""

    def some(versions):
        mutants = list(every(versions))
        return random.sample(mutants, min(MOST, len(mutants)))

    every = judging.mutants_of
    monkeypatch.setattr(judging, "mutants_of", some)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_mutant_of_a_shipped_policy_is_noticed(policy):
    """Only a full run can tell whether a mark is unnecessary."""
    verdicts = judging.judge(shipped(), policy, cases_of(policy))
    problems = [problem for problem in verdicts.problems if FULL or problem.code != "needless-mark"]
    diagnostics = [*problems, *(mutant.diagnostic() for mutant in verdicts.survivors)]
    assert diagnostics == [], "\n".join(diagnostic.render() for diagnostic in diagnostics)
    judged = verdicts.noticed + verdicts.refused + verdicts.equivalent + verdicts.marked
    assert verdicts.noticed > 5 if FULL else judged > 0
