"""Which version decides when, as stretches of time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from engine.bundle import Versions
from engine.compiled import CompiledPolicy
from engine.expression.types import MAX_TIMESTAMP


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end`, which is excluded, a version decides; None if there is none in force."""

    start: int
    end: int
    version: CompiledPolicy | None


def stretches(versions: Versions) -> list[Stretch]:
    """The whole time line of a policy."""
    starts = [0, *versions.starts, MAX_TIMESTAMP + 1]
    deciding: list[CompiledPolicy | None] = [None, *versions.all]
    return [
        Stretch(start, end, version)
        for (start, end), version in zip(pairwise(starts), deciding, strict=True)
        if start < end
    ]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions that decide at the same time."""

    start: int
    end: int
    old: CompiledPolicy | None
    new: CompiledPolicy | None


def pairs(old: Versions, new: Versions) -> list[Pair]:
    """Which version of the one decides beside which of the other."""
    found: list[Pair] = []
    for one in stretches(old):
        for other in stretches(new):
            start, end = max(one.start, other.start), min(one.end, other.end)
            if start < end:
                found.append(Pair(start, end, one.version, other.version))
    return sorted(found, key=lambda pair: pair.start)
