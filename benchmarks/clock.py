"""Fair timing on a busy machine: contenders alternate in one process, and only CPU time counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

Pass = Callable[[], object]
"""One complete run of a contender's work."""


def cpu_times(contenders: Mapping[str, Pass], rounds: int) -> dict[str, list[int]]:
    """Nanoseconds of CPU per round. The order rotates, and the first round is not counted."""
    names = list(contenders)
    times: dict[str, list[int]] = {name: [] for name in names}
    for number in range(rounds + 1):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            begun = time.process_time_ns()
            contenders[name]()
            taken = time.process_time_ns() - begun
            if number:
                times[name].append(taken)
    return times


def ratio(times: Mapping[str, list[int]], name: str, base: str) -> float:
    """The median over the rounds of one contender's time relative to another's in the same round."""
    return median(a / b for a, b in zip(times[name], times[base], strict=True))


def over(decide: Callable[..., object], inputs: Iterable[tuple[Any, ...]]) -> Pass:
    """One decision per input."""
    prepared = list(inputs)

    def work() -> None:
        for args in prepared:
            decide(*args)

    return work


def p50_micros(decide: Callable[..., object], inputs: Iterable[tuple[Any, ...]], rounds: int) -> float:
    """The median wall time of a call, less the cost of reading the clock."""
    prepared = list(inputs)
    clock = time.perf_counter_ns
    taken = []
    for _ in range(rounds):
        for args in prepared:
            begun = clock()
            decide(*args)
            taken.append(clock() - begun)
    return max(0.0, median(taken) - _clock_cost()) / 1_000


def _clock_cost() -> float:
    clock = time.perf_counter_ns
    taken = []
    for _ in range(10_000):
        begun = clock()
        taken.append(clock() - begun)
    return median(taken)
