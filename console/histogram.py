"""How the scores of a category are spread, as the coordinates of an SVG picture, one bar in front of the other."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple

from console.bars import Bar
from console.findings import highest
from marketplace.tuning.samples import Sample

BINS: Final = 20
WIDTH: Final = 100
HEIGHT: Final = 30


class Bin(NamedTuple):
    """Texts whose highest score is in `low` ≤ score < `high`; 1.0 is in the last one."""

    low: float
    high: float
    harmless: int
    labelled: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """The heights are square roots of the numbers, so that few labelled texts can be seen beside many harmless ones."""

    bins: tuple[Bin, ...]

    @property
    def bars(self) -> list[Bar]:
        top = max((max(each.harmless, each.labelled) for each in self.bins), default=0) or 1
        step = WIDTH / BINS
        bars = []
        for number, each in enumerate(self.bins):
            for place, (style, texts) in enumerate((("s5", each.harmless), ("s0", each.labelled))):
                if texts:
                    height = max(1.0, sqrt(texts / top) * HEIGHT)
                    x = number * step + place * step / 2
                    bars.append(
                        Bar(round(x, 2), round(HEIGHT - height, 2), step / 2, round(height, 2), style)
                    )
        return bars

    @property
    def texts(self) -> int:
        return sum(each.harmless + each.labelled for each in self.bins)


def histograms(samples: Iterable[Sample]) -> dict[tuple[str, str], Histogram]:
    """By mode and category. A text without a signal of the category is in none of its bins."""
    counted: dict[tuple[str, str], Counter[tuple[int, bool]]] = {}
    for sample in samples:
        for category, score in highest(sample.signals).items():
            bins = counted.setdefault((sample.mode, category), Counter())
            bins[min(round(score * 100) * BINS // 100, BINS - 1), category in sample.labels] += 1
    return {key: _histogram(counts) for key, counts in counted.items()}


def _histogram(counts: Counter[tuple[int, bool]]) -> Histogram:
    return Histogram(
        tuple(Bin(n / BINS, (n + 1) / BINS, counts[n, False], counts[n, True]) for n in range(BINS))
    )
