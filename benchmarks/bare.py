"""The bare decision: rules on facts that are checked already, each peer beside hand-written Python."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.agreement import check_agreement
from benchmarks.clock import cpu_times, over, p50_micros, ratio
from benchmarks.peers import PEERS
from benchmarks.peers.peer import Built
from benchmarks.result import Effort, Result
from benchmarks.workloads import POLICIES, tables
from benchmarks.workloads.workload import NOW, Workload, micros, plain

SECTION = "bare decision"
MOST = 2.0
MOST_BY_LENGTH = 2.0


def measure_policies(effort: Effort) -> list[Result]:
    """Ratios to hand-written Python; only Comity's has a target."""
    return [result for workload in POLICIES for result in _beside_handwritten(workload, effort)]


def measure_tables(effort: Effort) -> list[Result]:
    """The same beside hand-written Python, and the longest table in units of the shortest."""
    workloads = tables()
    results = [result for workload in workloads for result in _beside_handwritten(workload, effort)]
    for peer in PEERS:
        passes = {}
        for workload in workloads:
            built = peer.build(workload)
            if built is not None:
                passes[workload.name] = over(built.decide, _inputs(workload, effort))
        times = cpu_times(passes, effort.rounds)
        first, *_, last = passes
        limit = MOST_BY_LENGTH if peer.name == "comity" else None
        what = f"{peer.name}, {last} / {first}"
        results.append(Result("table length", what, ratio(times, last, first), "{:.2f}×", limit))
    return results


def _beside_handwritten(workload: Workload, effort: Effort) -> Iterable[Result]:
    built = _agreeing(workload, effort)
    base, *others = built
    inputs = _inputs(workload, effort)
    times = cpu_times({name: over(b.decide, inputs) for name, b in built.items()}, effort.rounds)
    p50 = p50_micros(built[base].decide, inputs, 3)
    yield Result(SECTION, f"{workload.name}, {base}, p50", p50, "{:.2f} µs")
    for name in others:
        limit = MOST if name == "comity" else None
        yield Result(SECTION, f"{workload.name}, {name}", ratio(times, name, base), "{:.2f}×", limit)


def _agreeing(workload: Workload, effort: Effort) -> dict[str, Built]:
    offered = {peer.name: peer.build(workload) for peer in PEERS}
    built = {name: b for name, b in offered.items() if b is not None}
    check_agreement(workload, built, workload.samples(effort.inputs))
    return built


def _inputs(workload: Workload, effort: Effort) -> list[tuple[object, ...]]:
    now = micros(NOW)
    return [(plain(facts), now) for facts in workload.samples(effort.inputs)]
