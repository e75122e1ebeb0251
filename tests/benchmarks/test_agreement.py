"""Engines must agree before they are timed."""

import pytest

from benchmarks.agreement import Disagreement, check_agreement
from benchmarks.peers import OURS, installed
from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.peers.peer import Built
from benchmarks.workloads import POLICIES, table
from benchmarks.workloads.workload import NOW, micros, plain


@pytest.mark.parametrize("workload", [*POLICIES, table.workload(100)], ids=lambda w: w.name)
def test_peers_answer_alike(workload):
    built = {peer.name: peer.build(workload) for peer in OURS}
    assert check_agreement(workload, built, workload.samples(300)) == 300


@pytest.mark.parametrize("workload", [*POLICIES, table.workload(10)], ids=lambda w: w.name)
def test_installed_peers_answer_alike(workload):
    """Of the engines with a package, only `cel-python` is always installed; `make bench` installs all."""
    built = {peer.name: it for peer in installed() if (it := peer.build(workload)) is not None}
    assert {"hand-written", "comity", "cel-python"} <= set(built)
    assert check_agreement(workload, built, workload.samples(30)) == 30


@pytest.mark.parametrize("workload", POLICIES, ids=lambda w: w.name)
def test_random_facts_reach_every_outcome(workload):
    decide = OURS[0].build(workload).decide
    outcomes = {decide(plain(facts), micros(NOW))[0] for facts in workload.samples(300)}
    assert outcomes == set(version_of(bundle_of(workload)).outcomes)


def test_different_answer_stops_the_run():
    workload = POLICIES[0]
    wrong = Built(lambda facts, now: ("allow", ("pair-complete",)))
    built = {"right": OURS[0].build(workload), "wrong": wrong}
    with pytest.raises(Disagreement, match="review_eligibility"):
        check_agreement(workload, built, workload.samples(50))
