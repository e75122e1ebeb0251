"""Which version of a policy is in force at a moment. The only place that decides this.

In force at T is, of the versions that are not withdrawn and have `effective_from` <= T < `effective_until`, the one with the
latest `effective_from`; of several with the same one, the one with the highest number.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.policy.model import Policy


class Period(NamedTuple):
    """From `start` to the start of the next period, the version with this number is in force; None in a gap."""

    start: int
    version: int | None


def periods(versions: Iterable[Policy]) -> tuple[Period, ...]:
    """The periods of a policy from its first `effective_from` on, also if that version is withdrawn. The last has no end.

    Two neighboring periods never have the same version.
    """
    given = tuple(versions)
    candidates = sorted(
        (v for v in given if v.withdrawn is None), key=lambda v: v.effective_from, reverse=True
    )
    moments = {v.effective_from for v in given} | {
        v.effective_until for v in candidates if v.effective_until is not None
    }
    started: list[tuple[int, int, int | None]] = []
    timeline: list[Period] = []
    for moment in sorted(moments):
        while candidates and candidates[-1].effective_from <= moment:
            version = candidates.pop()
            heapq.heappush(started, (-version.effective_from, -version.version, version.effective_until))
        while started and (until := started[0][2]) is not None and until <= moment:
            heapq.heappop(started)
        number = -started[0][1] if started else None
        if not timeline or timeline[-1].version != number:
            timeline.append(Period(moment, number))
    return tuple(timeline)


def gaps(timeline: Sequence[Period]) -> list[tuple[int, int | None]]:
    """The start and end of each period without a version; the last may have no end."""
    ends = [period.start for period in timeline[1:]]
    return [(p.start, end) for p, end in zip(timeline, [*ends, None], strict=False) if p.version is None]


def position_at(timeline: Sequence[Period], moment: int) -> int:
    """The index of the period that contains the moment; -1 before the first."""
    return bisect.bisect_right(timeline, moment, key=lambda period: period.start) - 1


def number_at(timeline: Sequence[Period], moment: int) -> int | None:
    """The number of the version in force at a moment."""
    position = position_at(timeline, moment)
    return None if position < 0 else timeline[position].version


def latest_number(timeline: Sequence[Period], moment: int) -> int | None:
    """The number of the version in force at a moment; in a gap, of the last one before it."""
    before = timeline[: position_at(timeline, moment) + 1]
    return next((p.version for p in reversed(before) if p.version is not None), None)


def numbers_in_force(timeline: Iterable[Period]) -> set[int]:
    """The numbers of the versions that are in force at some moment."""
    return {period.version for period in timeline if period.version is not None}


def moment_of_choice(now: int, began: int | None) -> int:
    """The moment at which the deciding version must be in force. `began` is the value of the fact that `in_force_by` names."""
    return now if began is None else min(began, now)
