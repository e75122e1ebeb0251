"""The whole decision of Comity: facts check, rules and decision object; and what it costs to ask why."""

from __future__ import annotations

from functools import partial

from benchmarks.clock import Pass, cpu_times, over, p50_micros, ratio
from benchmarks.peers import PEERS
from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.result import Effort, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW, Facts, Workload, micros, plain
from engine import Bundle, Decision
from engine.counterfactual import counterfactuals
from engine.explain import explain

MOST_MICROS = {"review_eligibility": 10.0}
MOST_EXPLAINED = 5.0
EXPLAINED = 200
"""Explanations are slow, so fewer facts are enough."""


def measure(effort: Effort) -> list[Result]:
    results = []
    for workload in POLICIES:
        results += _decided(workload, effort)
    for workload in POLICIES:
        results += _explained(workload, effort)
    return results


def _decided(workload: Workload, effort: Effort) -> list[Result]:
    bundle = bundle_of(workload)
    (name,) = bundle.policies
    samples = workload.samples(effort.inputs)
    decide = partial(bundle.decide, name, now=NOW)
    built = PEERS[0].build(workload)
    assert built is not None
    whole = [(facts,) for facts in samples]
    by_hand = over(built.decide, [(plain(facts), micros(NOW)) for facts in samples])
    times = cpu_times({"whole": over(decide, whole), "by hand": by_hand}, effort.rounds)
    section, limit = "facts check + decision + object", MOST_MICROS.get(workload.name)
    return [
        Result(section, f"{workload.name}, p50", p50_micros(decide, whole, 3), "{:.2f} µs", limit),
        Result(section, f"{workload.name} / bare by hand", ratio(times, "whole", "by hand"), "{:.1f}×"),
    ]


def _explained(workload: Workload, effort: Effort) -> list[Result]:
    """In units of the same decisions without an explanation."""
    bundle = bundle_of(workload)
    samples = workload.samples(EXPLAINED)
    times = cpu_times(_passes(bundle, samples), max(3, effort.rounds // 3))
    shares = {name: ratio(times, name, "decision") for name in times}
    plus = "{:.1f}×"
    section = "asked why, / decision alone"
    return [
        Result(section, f"{workload.name}, with explanation", 1 + shares["why"], plus, MOST_EXPLAINED),
        Result(section, f"{workload.name}, explain=True (all of it)", shares["all"], plus),
        Result(section, f"{workload.name}, search for counterfactuals", shares["what if"], "+ " + plus),
    ]


def _passes(bundle: Bundle, samples: list[Facts]) -> dict[str, Pass]:
    version = version_of(bundle)
    decide = partial(bundle.decide, version.name, now=NOW)
    now = micros(NOW)
    checked = [version.facts_check.check(facts)[0] for facts in samples]
    decisions = [decide(facts) for facts in samples]
    why = [(version, facts, now, d) for facts, d in zip(checked, decisions, strict=True)]
    what_if = [(version, facts, now, d.outcome) for facts, d in zip(checked, decisions, strict=True)]
    asked = partial(_asked, bundle, version.name)
    return {
        "decision": over(decide, [(facts,) for facts in samples]),
        "all": over(asked, [(facts,) for facts in samples]),
        "why": over(explain, why),
        "what if": over(counterfactuals, what_if),
    }


def _asked(bundle: Bundle, policy: str, facts: Facts) -> Decision:
    return bundle.decide(policy, facts, now=NOW, explain=True)
