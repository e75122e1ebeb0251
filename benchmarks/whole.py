"""The full decision of Comity: facts check, rules and decision object; and the cost of an explanation."""

from __future__ import annotations

import time
from functools import partial

from benchmarks.bare import PEERS, agreeing, inputs_of
from benchmarks.checked import NEAREST
from benchmarks.clock import cpu_times, over, p50_micros, ratio
from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.result import Cell, Effort, Findings, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW, SHIPPED, Facts, Workload, micros
from engine import Budget, Bundle, Decision, load_bundle
from engine.bundle import load_files
from engine.cases.case import Case
from engine.cases.reader import case_files, read_cases
from engine.compiled import CompiledPolicy
from engine.explain.counterfactual import counterfactuals
from engine.explain.explain import explain

MOST_MICROS = {"review_eligibility": 10.0}
MOST_EXPLAINED = 5.0
MOST_FIRST = 20.0
"""Milliseconds that the first explanation of a policy may take in addition."""
FIRST_TIMES = 3
MOST_SEARCHED = {"review_eligibility": 20.0, "retention": 20.0, "moderation_profiles": 60.0}
CASES = SHIPPED.parent / "tests" / "policy_cases"
EXPLAINED = 200
"""Explanations are slow, so fewer facts are enough."""


def measure(effort: Effort) -> Findings:
    results: Findings = []
    for workload in POLICIES:
        results += _decided(workload, effort)
    for workload in POLICIES:
        results += _explained(workload, effort)
    return results + _shipped(effort)


def _decided(workload: Workload, effort: Effort) -> Findings:
    """Beside hand-written rules, and beside the nearest engine; neither checks anything or makes a decision object."""
    bundle = bundle_of(workload)
    (name,) = bundle.policies
    decide = partial(bundle.decide, name, now=NOW)
    whole = [(facts,) for facts in workload.samples(effort.inputs)]
    built, _ = agreeing(workload, effort)
    bare = {
        peer: over(built[peer].decide, inputs_of(workload, effort))
        for peer in ("hand-written", NEAREST)
        if peer in built
    }
    times = cpu_times({"whole": over(decide, whole), **bare}, effort.rounds)
    section, limit = "facts check + decision + object", MOST_MICROS.get(workload.name)
    by_hand = ratio(times, "whole", "hand-written")
    findings: Findings = [
        Result(section, f"{workload.name}, p50", p50_micros(decide, whole, 3), "{:.2f} µs", limit),
        Result(section, f"{workload.name} / bare by hand", by_hand, "{:.1f}×"),
        Cell(PEERS, "comity, facts to decision", workload.name, by_hand),
    ]
    if NEAREST in bare:
        beside = ratio(times, "whole", NEAREST)
        findings.append(Result(section, f"{workload.name} / bare by {NEAREST}", beside, "{:.2f}×"))
    return findings


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


def _shipped(effort: Effort) -> Findings:
    """The same for every shipped policy, on the facts of its cases, and how often the search tries everything."""
    bundle = load_bundle(SHIPPED).bundle
    assert bundle is not None
    cases: dict[str, list[Case]] = {}
    for path in case_files([CASES]):
        for case in read_cases(path)[0]:
            if not bundle.decide(case.policy, case.facts, now=case.at).errors:
                cases.setdefault(case.policy, []).append(case)
    findings: Findings = []
    for name, own in sorted(cases.items()):
        findings += _on_cases(bundle, name, own[:EXPLAINED], max(3, effort.rounds // 3))
    return findings


def _on_cases(bundle: Bundle, name: str, cases: list[Case], rounds: int) -> Findings:
    for version in bundle.policies[name].all:
        version.fuse()

    def why(case: Case) -> Decision:
        return bundle.decide(name, case.facts, now=case.at, explain=True)

    def everything(case: Case) -> Decision:
        return bundle.decide(name, case.facts, now=case.at, explain=True, counterfactuals=Budget())

    given = [(case,) for case in cases]
    passes = {
        "decision": over(lambda case: bundle.decide(name, case.facts, now=case.at), given),
        "why": over(why, given),
        "all": over(everything, given),
    }
    times = cpu_times(passes, rounds)
    searched = [everything(case).counterfactuals or {} for case in cases]
    done = sum(search["complete"] for search in searched)
    section = "cases of shipped policies, / decision alone"
    return [
        Result(
            section, f"{name}, with explanation", ratio(times, "why", "decision"), "{:.1f}×", MOST_EXPLAINED
        ),
        Result(section, f"{name}, first less second", _first_less_second(cases[0]), "{:.1f} ms", MOST_FIRST),
        Result(
            section,
            f"{name}, and with counterfactuals",
            ratio(times, "all", "decision"),
            "{:.0f}×",
            MOST_SEARCHED.get(name),
        ),
        Result(section, f"{name}, searches that tried everything", 100 * done / len(cases), "{:.0f} %"),
    ]


def _first_less_second(case: Case) -> float:
    """Milliseconds of CPU, the least of several newly loaded policies, since other work on the machine only adds to it."""
    added = []
    for _ in range(FIRST_TIMES):
        bundle = load_files([SHIPPED / f"{case.policy}.yaml"]).bundle
        assert bundle is not None
        taken = []
        for _ in range(2):
            begun = time.process_time()
            bundle.decide(case.policy, case.facts, now=case.at, explain=True)
            taken.append(time.process_time() - begun)
        added.append(taken[0] - taken[1])
    return 1_000 * min(added)


def _search(version: CompiledPolicy, facts: Facts, now: int, outcome: str) -> object:
    return counterfactuals(version, facts, now, outcome, Budget())
