"""The bare decision on facts that are already checked: each engine compared with hand-written Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from benchmarks.agreement import check_agreement
from benchmarks.beside import Contender, Inputs, beside
from benchmarks.clock import p50_micros
from benchmarks.pace import LONGEST, seconds_of
from benchmarks.peers import installed
from benchmarks.peers.peer import Built
from benchmarks.result import Cell, Effort, Findings, Note, Result
from benchmarks.workloads import POLICIES, tables
from benchmarks.workloads.workload import NOW, Workload, micros, plain

SECTION = "bare decision"
PEERS = "bare decision, / hand-written"
TABLES = "bare decision on tables, / hand-written"
MOST = 2.0
MOST_BY_LENGTH = 2.0

Tried = tuple[Workload, Mapping[str, Built]]


def measure_policies(effort: Effort) -> Findings:
    """Ratios to hand-written Python. Comity's has a target, and so has its lead over the nearest engine."""
    findings: Findings = []
    for workload in POLICIES:
        built, notes = agreeing(workload, effort)
        findings += [*notes, *_beside_handwritten(workload, built, effort)]
    return findings


def measure_tables(effort: Effort) -> Findings:
    """The same for tables, and how the time grows from the shortest to the longest."""
    findings: Findings = []
    tried: list[Tried] = []
    for workload in tables():
        built, notes = agreeing(workload, effort)
        findings += [*notes, *_beside_handwritten(workload, built, effort)]
        tried.append((workload, built))
    return findings + _by_length(tried[0], tried[-1], effort)


@lru_cache(len(POLICIES))
def agreeing(workload: Workload, effort: Effort) -> tuple[Mapping[str, Built], Findings]:
    """The engines that can express the policy and are fast enough, after comparing their answers; and those that are not.

    Cached for policies, which are requested twice, but not for tables, which are large.
    """
    built: dict[str, Built] = {}
    notes: Findings = []
    inputs = inputs_of(workload, effort)
    for peer in installed():
        offered = peer.build(workload)
        if offered is None:
            notes.append(Note(f"{workload.name}: {peer.name} cannot express it"))
            continue
        seconds = seconds_of(offered.decide, inputs)
        if seconds > LONGEST:
            notes.append(
                Note(f"{workload.name}: {peer.name} is left out, since it takes {seconds * 1_000:.0f} ms")
            )
            continue
        built[peer.name] = offered
    check_agreement(workload, built, workload.samples(effort.inputs))
    return built, notes


def inputs_of(workload: Workload, effort: Effort) -> Inputs:
    now = micros(NOW)
    return [(plain(facts), now) for facts in workload.samples(effort.inputs)]


def _beside_handwritten(workload: Workload, built: Mapping[str, Built], effort: Effort) -> Findings:
    base, *others = built
    inputs = inputs_of(workload, effort)
    contenders = {name: Contender(b.decide, inputs) for name, b in built.items()}
    compared = beside(contenders[base], {name: contenders[name] for name in others}, effort.rounds)
    p50 = p50_micros(built[base].decide, inputs, 3)
    ours = compared["comity"].ratio
    findings: Findings = [
        Result(SECTION, f"{workload.name}, {base}, p50", p50, "{:.2f} µs"),
        Result(SECTION, f"{workload.name}, comity / {base}", ours, "{:.2f}×", MOST),
    ]
    peers = {name: c.ratio for name, c in compared.items() if name != "comity"}
    if peers:
        nearest = min(peers, key=peers.__getitem__)
        what = f"{workload.name}, comity / {nearest}, the nearest"
        findings.append(Result(SECTION, what, ours / peers[nearest], "{:.2f}×", 1.0))
    section = TABLES if workload.rows else PEERS
    findings.append(Cell(section, base, workload.name, 1.0))
    findings += [Cell(section, name, workload.name, c.ratio) for name, c in compared.items()]
    few = [f"{name} on {c.inputs}" for name, c in compared.items() if c.inputs < len(inputs)]
    if few:
        findings.append(Note(f"{workload.name}: of {len(inputs):,} inputs, {', '.join(few)}"))
    return findings


def _by_length(first: Tried, last: Tried, effort: Effort) -> Findings:
    findings: Findings = []
    for name, built in last[1].items():
        shortest = Contender(first[1][name].decide, inputs_of(first[0], effort))
        longest = Contender(built.decide, inputs_of(last[0], effort))
        growth = beside(shortest, {name: longest}, effort.rounds)[name].ratio
        if name == "comity":
            what = f"{name}, {last[0].name} / {first[0].name}"
            findings.append(Result("table length", what, growth, "{:.2f}×", MOST_BY_LENGTH))
        findings.append(Cell(TABLES, name, "longest / shortest", growth))
    return findings
