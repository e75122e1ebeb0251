"""The full decision of Comity: facts check, rules and decision object; and the cost of an explanation."""

from __future__ import annotations

from functools import partial

from benchmarks.clock import cpu_times, over, p50_micros, ratio
from benchmarks.peers import OURS
from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW, Facts, Workload, micros, plain
from engine.compiled import CompiledPolicy
from engine.explain.budget import Budget
from engine.explain.counterfactual import counterfactuals
from engine.explain.explain import explain

MOST_MICROS = {"review_eligibility": 10.0}
MOST_EXPLAINED = 5.0
EXPLAINED = 200
"""Explanations are slow, so fewer facts are enough."""


def measure(effort: Effort) -> Findings:
    results: Findings = []
    for workload in POLICIES:
        results += _decided(workload, effort)
    for workload in POLICIES:
        results += _explained(workload, effort)
    return results


def _decided(workload: Workload, effort: Effort) -> Findings:
    bundle = bundle_of(workload)
    (name,) = bundle.policies
    samples = workload.samples(effort.inputs)
    decide = partial(bundle.decide, name, now=NOW)
    built = OURS[0].build(workload)
    assert built is not None
    whole = [(facts,) for facts in samples]
    by_hand = over(built.decide, [(plain(facts), micros(NOW)) for facts in samples])
    times = cpu_times({"whole": over(decide, whole), "by hand": by_hand}, effort.rounds)
    section, limit = "facts check + decision + object", MOST_MICROS.get(workload.name)
    return [
        Result(section, f"{workload.name}, p50", p50_micros(decide, whole, 3), "{:.2f} µs", limit),
        Result(section, f"{workload.name} / bare by hand", ratio(times, "whole", "by hand"), "{:.1f}×"),
    ]


def _explained(workload: Workload, effort: Effort) -> Findings:
    """Relative to the same decisions without an explanation. The search runs only if a better outcome exists."""
    bundle = bundle_of(workload)
    version = version_of(bundle)
    decide = partial(bundle.decide, version.name, now=NOW)
    now = micros(NOW)
    why, what_if = [], []
    samples = workload.samples(EXPLAINED)
    for facts in samples:
        checked, decision = version.facts_check.check(facts)[0], decide(facts)
        why.append((version, checked, now, decision))
        if not decision.permits:
            what_if.append((version, checked, now, decision.outcome))
    given = [(facts,) for facts in samples]
    passes = {
        "decision": over(decide, given),
        "all": over(lambda facts: decide(facts, explain=True, counterfactuals=Budget()), given),
        "why": over(explain, why),
    }
    times = cpu_times(passes, max(3, effort.rounds // 3))
    alone, all_of_it = 1 + ratio(times, "why", "decision"), ratio(times, "all", "decision")
    search = p50_micros(_search, what_if, 3)
    name, section = workload.name, "asked why, / decision alone"
    return [
        Result(section, f"{name}, with explanation", alone, "{:.1f}×", MOST_EXPLAINED),
        Result(section, f"{name}, and with counterfactuals", all_of_it, "{:.1f}×"),
        Result(section, f"{name}, counterfactuals alone, p50", search, "{:,.0f} µs"),
    ]


def _search(version: CompiledPolicy, facts: Facts, now: int, outcome: str) -> object:
    return counterfactuals(version, facts, now, outcome, Budget())
