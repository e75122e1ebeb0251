"""The endpoints by hand answer what ours answer; otherwise comparing their times would mean nothing."""

from benchmarks.by_hand import eligible
from benchmarks.peers.comity import bundle_of
from benchmarks.workloads import review_eligibility
from benchmarks.workloads.workload import NOW


def test_eligibility_by_hand_agrees_with_the_policy() -> None:
    workload = review_eligibility.WORKLOAD
    bundle = bundle_of(workload)
    rules = set()
    for facts in workload.samples(300):
        decision = bundle.decide("review_eligibility", facts, now=NOW)
        assert eligible(facts) == {"outcome": decision.outcome, "rule": decision.rule}
        rules.add(decision.rule)
    assert len(rules) == 6
