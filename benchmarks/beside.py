"""Peers beside one of them, on the same inputs; slow ones on fewer, with the base on those same few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.clock import Pass, cpu_times, over, ratio
from benchmarks.pace import seconds_of, share

Decide = Callable[..., object]
Inputs = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Beside:
    """`inputs` is how many of the inputs were decided to find the ratio."""

    ratio: float
    inputs: int


def beside(base: Decide, others: Mapping[str, Decide], inputs: Inputs, rounds: int) -> dict[str, Beside]:
    """How many times as long as the base each takes, in the median over the rounds."""
    passes: dict[str, Pass] = {}
    decided: dict[str, int] = {}
    counts: dict[str, int] = {}
    for name, decide in others.items():
        counts[name], repeats = share(seconds_of(decide, inputs), len(inputs))
        passes[name], decided[name] = _pass(decide, inputs[: counts[name]], repeats)
    fast = seconds_of(base, inputs)
    for count in set(counts.values()):
        _, repeats = share(fast, count)
        passes[_on(count)], decided[_on(count)] = _pass(base, inputs[:count], repeats)
    times = cpu_times(passes, rounds)
    return {
        name: Beside(ratio(times, name, _on(count)) * decided[_on(count)] / decided[name], count)
        for name, count in counts.items()
    }


def grown(shortest: tuple[Decide, Inputs], longest: tuple[Decide, Inputs], rounds: int) -> float:
    """How many times as long the second takes, each on inputs of its own."""
    passes: dict[str, Pass] = {}
    decided: dict[str, int] = {}
    for name, (decide, inputs) in {"shortest": shortest, "longest": longest}.items():
        count, repeats = share(seconds_of(decide, inputs), len(inputs))
        passes[name], decided[name] = _pass(decide, inputs[:count], repeats)
    return ratio(cpu_times(passes, rounds), "longest", "shortest") * decided["shortest"] / decided["longest"]


def _pass(decide: Decide, inputs: Inputs, repeats: int) -> tuple[Pass, int]:
    work = over(decide, inputs)

    def repeated() -> None:
        for _ in range(repeats):
            work()

    return repeated, repeats * len(inputs)


def _on(count: int) -> str:
    return f"base on {count}"
