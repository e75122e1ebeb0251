"""The stress test compares every decision, and stops at a wrong one."""

import pytest

from benchmarks import stress
from benchmarks.agreement import Disagreement
from benchmarks.result import Effort


def test_stress_counts_the_decisions_of_all_threads():
    (result,) = stress.measure(Effort(decisions=1_000))
    assert (result.what, result.value) == ("800 decisions of 8 threads, wrong", 0)


def test_stress_stops_at_a_wrong_decision(monkeypatch):
    bundle, name, facts, right = next(stress._expected())
    wrong = right._replace(rule="another-rule")
    monkeypatch.setattr(stress, "_expected", lambda: iter([(bundle, name, facts, wrong)]))
    with pytest.raises(Disagreement, match="review_eligibility, in thread"):
        stress.measure(Effort(decisions=1_000))
