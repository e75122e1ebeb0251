"""Proposed cases reach every rule and row that can decide, and notice nearly every small change."""

from pathlib import Path

import pytest

from engine.bundle import Bundle
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.claims.case_text import case_file
from engine.claims.propose import Proposals, Unreachable, propose
from engine.mutation.judge import judge
from tests.engine.generated.chance import FULL
from tests.engine.policies import RETURNS, bundle_of, shipped

POLICIES = sorted(shipped().policies) if FULL else ["chat"]


def judged(bundle: Bundle, policy: str, found: Proposals, path: Path) -> float:
    """The score of the proposals alone, all of which must pass."""
    path.write_text(case_file(policy, found.cases, "proposed", "proposed"), encoding="utf-8")
    cases, problems = read_cases(path)
    assert problems == ()
    for case in cases:
        result = run_case(bundle, case)
        assert result.passed, (case.name, result.failures, result.problems)
    return judge(bundle, policy, cases).score


@pytest.mark.parametrize("policy", POLICIES)
def test_proposals_alone_notice_nearly_every_change(policy, tmp_path):
    found = propose(shipped(), policy, mcdc=True, boundaries=True)
    assert judged(shipped(), policy, found, tmp_path / "cases.yaml") >= 90


def test_proposals_for_a_small_policy(tmp_path):
    bundle = bundle_of(RETURNS)
    found = propose(bundle, "returns")
    decided = {case.decision.rule for case in found.cases}
    assert decided == {"never-paid", "large", "in-time", "too-late", "on-error"}
    assert found.unreachable == [] and found.open == []


def test_what_never_decides_is_listed_with_what_would_wake_it():
    text = RETURNS.replace(
        "rules:\n", "rules:\n  - {id: old, when: paid && window > days(60) && !paid == false, then: review}\n"
    )
    found = propose(bundle_of(text), "returns")
    [entry] = found.unreachable
    assert entry.id == "old" and entry.wake is not None and entry.wake[0] == "window"


def test_what_nothing_wakes_is_listed_too():
    text = RETURNS.replace(
        "rules:\n", "rules:\n  - {id: old, when: paid && amount > 3 && amount < 3, then: review}\n"
    )
    assert propose(bundle_of(text), "returns").unreachable == [Unreachable("old")]
