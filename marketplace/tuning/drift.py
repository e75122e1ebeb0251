"""Whether the scores of the latest week are distributed as in the weeks before.

The measure is the population stability index: the sum over bins of (q - p) ln(q / p), with the shares p before and q now. It
suits these scores better than the Kolmogorov-Smirnov statistic, which assumes that no two scores are equal: rules give one of
five scores. Most texts have no score in a category and would hide what changes in the others, so the index over all texts is
divided by the share of texts with a score. That is the ordinary index of the texts with a score, and their number counts, too.

A few texts differ by chance. The index is compared with its distribution without drift: divided by the sum of the reciprocal
sizes of both samples, it follows chi-squared with one degree of freedom less than there are bins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any, Final

from detectors.signal import CATEGORIES

EDGES: Final = (0.0, 0.3, 0.5, 0.7, 0.9)
"""Where the bins of scores begin. Texts without a score are in a bin of their own, the first."""
BINS: Final = len(EDGES) + 1
BY_CHANCE: Final = 20.515
"""The 99.9% quantile of chi-squared with five degrees of freedom."""
FEWEST: Final = 20
"""With fewer texts that have a score, in both samples together, nothing is said."""

Counts = Sequence[int]
"""Texts by bin."""


def bins_of(signals: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The bin of the highest score of each category that was found, by the fact `signals` of a decision."""
    highest: dict[str, float] = {}
    for signal in signals:
        category, score = str(signal["category"]), float(signal["score"])
        highest[category] = max(score, highest.get(category, 0.0))
    return {category: sum(score >= edge for edge in EDGES) for category, score in highest.items()}


def add_up(several: Iterable[Counts]) -> list[int]:
    return [sum(column) for column in zip([0] * BINS, *several, strict=True)]


@dataclass(frozen=True, slots=True)
class Drift:
    """`index` is None if there are too few texts to say anything."""

    category: str
    before: Counts
    latest: Counts
    index: float | None
    is_chance: bool

    def alarms(self, limit: float) -> bool:
        return self.index is not None and self.index >= limit and not self.is_chance


def measure_drift(category: str, before: Counts, latest: Counts) -> Drift:
    """Empty bins count as half a text."""
    found = sum(before[1:]) + sum(latest[1:])
    if not sum(before) or not sum(latest) or found < FEWEST:
        return Drift(category, before, latest, None, True)
    p, q = _shares(before), _shares(latest)
    whole = sum((now - then) * log(now / then) for then, now in zip(p, q, strict=True))
    chance = BY_CHANCE * (1 / sum(before) + 1 / sum(latest))
    return Drift(category, before, latest, whole / ((2 - p[0] - q[0]) / 2), whole < chance)


def _shares(counts: Counts) -> list[float]:
    raised = [max(count, 0.5) for count in counts]
    return [count / sum(raised) for count in raised]


def name_bins() -> list[str]:
    named = [f"{low:.2f} to {high:.2f}" for low, high in pairwise((*EDGES, 1.0))]
    return ["none", f"below {EDGES[1]:.2f}", *named[1:]]


def measure_all(before: Mapping[str, Counts], latest: Mapping[str, Counts]) -> list[Drift]:
    """Of every category, the most drift first."""
    nothing = [0] * BINS
    measured = [
        measure_drift(each, before.get(each, nothing), latest.get(each, nothing)) for each in CATEGORIES
    ]
    return sorted(measured, key=lambda drift: -(drift.index or 0.0))
