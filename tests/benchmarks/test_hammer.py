"""The stress test compares every decision, and stops at a wrong one."""

import pytest

from benchmarks import hammer
from benchmarks.agreement import Disagreement
from benchmarks.result import Effort


def test_hammer_counts_the_decisions_of_all_threads():
    (result,) = hammer.measure(Effort(decisions=1_000))
    assert (result.what, result.value) == ("800 decisions of 8 threads, wrong", 0)


def test_hammer_stops_at_a_wrong_decision(monkeypatch):
    bundle, name, facts, right = next(hammer._expected())
    wrong = right._replace(rule="another-rule")
    monkeypatch.setattr(hammer, "_expected", lambda: iter([(bundle, name, facts, wrong)]))
    with pytest.raises(Disagreement, match="review_eligibility, in thread"):
        hammer.measure(Effort(decisions=1_000))
