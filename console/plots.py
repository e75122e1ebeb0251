"""Reliability and weekly counts as the coordinates of SVG pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from console.bars import Bar
from marketplace.tuning.drift import Counts
from marketplace.tuning.reliability import Bin, Reliability
from marketplace.tuning.weeks import Week

SIDE: Final = 200
WIDTH: Final = 360
HEIGHT: Final = 90
GAP: Final = 8


class Dot(NamedTuple):
    """One bin: its point, and the interval of its share as a line from `top` to `bottom`."""

    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ReliabilityPlot:
    """Scores to the right, shares upwards; empty bins have no dot."""

    reliability: Reliability
    dots: tuple[Dot, ...]
    side: int = SIDE

    @property
    def bins(self) -> list[Bin]:
        return [each for each in self.reliability.bins if each.texts]


def draw_reliability(reliability: Reliability) -> ReliabilityPlot:
    dots = tuple(
        Dot(
            round(each.score * SIDE, 1),
            _up(each.share),
            _up(each.interval.upper),
            _up(each.interval.lower),
        )
        for each in reliability.bins
        if each.score is not None and each.share is not None
    )
    return ReliabilityPlot(reliability, dots)


def _up(share: float) -> float:
    return round((1 - share) * SIDE, 1)


@dataclass(frozen=True, slots=True)
class WeekPlot:
    """The share of the texts of each week that have a score, stacked by score; the lowest scores are at the bottom."""

    bars: tuple[Bar, ...]
    rows: tuple[tuple[Week, Counts], ...]
    top: float
    width: int = WIDTH
    height: int = HEIGHT


def draw_weeks(weeks: Sequence[Week], category: str) -> WeekPlot:
    rows = tuple((week, week.counts[category]) for week in weeks)
    top = max((sum(counts[1:]) / week.texts for week, counts in rows if week.texts), default=0.0)
    step = WIDTH / len(weeks)
    bars = []
    for place, (week, counts) in enumerate(rows):
        y = float(HEIGHT)
        for style, texts in enumerate(counts[1:], 1):
            if texts:
                height = texts / week.texts / top * HEIGHT
                y -= height
                x = round(place * step + GAP / 2, 1)
                bars.append(Bar(x, round(y, 1), round(step - GAP, 1), round(height, 1), f"s{style}"))
    return WeekPlot(tuple(bars), rows, top)
