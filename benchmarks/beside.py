"""Compares contenders with a base. Slow ones get fewer inputs, and the base is timed on as many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.clock import Pass, cpu_times, over, ratio
from benchmarks.pace import seconds_of, share

Inputs = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Contender:
    decide: Callable[..., object]
    inputs: Inputs
    """The same number for everybody, of the same kinds."""


@dataclass(frozen=True)
class Beside:
    """`inputs` is the number of inputs behind the ratio."""

    ratio: float
    inputs: int


def beside(base: Contender, others: Mapping[str, Contender], rounds: int) -> dict[str, Beside]:
    """The median over the rounds of each contender's time relative to the base."""
    passes: dict[str, Pass] = {}
    decided: dict[str, int] = {}
    counts: dict[str, int] = {}
    for name, other in others.items():
        seconds = seconds_of(other.decide, other.inputs)
        counts[name], repeats = share(seconds, len(other.inputs))
        passes[name], decided[name] = _pass(other, counts[name], repeats)
    fast = seconds_of(base.decide, base.inputs)
    for count in set(counts.values()):
        _, repeats = share(fast, count)
        passes[_on(count)], decided[_on(count)] = _pass(base, count, repeats)
    times = cpu_times(passes, rounds)
    return {
        name: Beside(ratio(times, name, _on(count)) * decided[_on(count)] / decided[name], count)
        for name, count in counts.items()
    }


def _pass(contender: Contender, count: int, repeats: int) -> tuple[Pass, int]:
    work = over(contender.decide, contender.inputs[:count])

    def repeated() -> None:
        for _ in range(repeats):
            work()

    return repeated, repeats * count


def _on(count: int) -> str:
    return f"base on {count}"
