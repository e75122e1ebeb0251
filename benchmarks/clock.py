"""Fair timing on a machine that does other things too: contenders take turns in one process, and CPU time is what counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

Pass = Callable[[], object]
"""The whole work of one contender, done once."""


def cpu_times(contenders: Mapping[str, Pass], rounds: int) -> dict[str, list[int]]:
    """Nanoseconds of CPU for each round; who begins changes from round to round, and a first round is not counted."""
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
    """The median over the rounds of one contender's time in units of another's of the same round."""
    return median(a / b for a, b in zip(times[name], times[base], strict=True))


def over(decide: Callable[..., object], inputs: Iterable[tuple[Any, ...]]) -> Pass:
    """One decision for each input."""
    prepared = list(inputs)

    def work() -> None:
        for args in prepared:
            decide(*args)

    return work


def p50_micros(decide: Callable[..., object], inputs: Iterable[tuple[Any, ...]], rounds: int) -> float:
    """The median wall time of single calls, without what it costs to look at the clock."""
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
