"""Whether scores mean what they say: of the texts with a score of 0.8, eight in ten should be of the category."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from detectors.wilson import Interval, wilson
from marketplace.tuning.samples import Sample

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts with a score above `low` and up to `high`; the first bin includes 0. `score` is their mean score, `share` the share
    of the category among them. Both are None for an empty bin."""

    low: float
    high: float
    texts: int
    labelled: int
    score: float | None
    share: float | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """`error` is the expected calibration error: the mean difference between score and share, weighted by texts."""

    detector: str
    category: str
    bins: tuple[Bin, ...]
    error: float

    @property
    def texts(self) -> int:
        return sum(each.texts for each in self.bins)

    @property
    def labelled(self) -> int:
        return sum(each.labelled for each in self.bins)


def detectors_of(samples: Iterable[Sample]) -> list[tuple[str, str]]:
    """The detectors that found something, each with a category."""
    return sorted({(signal.detector, signal.category) for sample in samples for signal in sample.signals})


def measure_reliability(
    samples: Iterable[Sample], *, detector: str, category: str, share: float | None = None
) -> Reliability:
    """The score of a text is the highest that the detector gives the author's own words, or 0. A labelled set usually has far
    more texts of a category than the marketplace does: with `share`, shares and error are what they would be if this share of
    all texts were of the category."""
    scored: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for sample in samples:
        score = _score(sample, detector, category)
        scored[_bin(score)].append((score, category in sample.labels))
    texts = sum(map(len, scored))
    odds = _odds(share, texts, sum(is_labelled for inside in scored for _, is_labelled in inside))
    bins, error, weight = [], 0.0, 0.0
    for place, inside in enumerate(scored):
        each, weighs, differs = _measure(place, inside, odds)
        bins.append(each)
        weight += weighs
        error += weighs * differs
    return Reliability(detector, category, tuple(bins), error / weight if weight else 0.0)


def _score(sample: Sample, detector: str, category: str) -> float:
    own = (
        signal.score
        for signal in sample.signals
        if signal.detector == detector
        and signal.category == category
        and not (signal.reported or signal.quoted)
    )
    return max(own, default=0.0)


def _bin(score: float) -> int:
    """Scores have two decimal places."""
    hundredths = round(score * 100)
    return max(0, -(-hundredths * BINS // 100) - 1)


def _odds(share: float | None, texts: int, labelled: int) -> float:
    """What a labelled text weighs, if another one weighs 1."""
    if share is None or not 0 < labelled < texts:
        return 1.0
    return share / (1 - share) * (texts - labelled) / labelled


def _measure(place: int, inside: list[tuple[float, bool]], odds: float) -> tuple[Bin, float, float]:
    """The bin, its weight, and the difference between score and share."""
    labelled = sum(is_labelled for _, is_labelled in inside)
    weights = [odds if is_labelled else 1.0 for _, is_labelled in inside]
    low, high = place / BINS, (place + 1) / BINS
    interval = wilson(labelled, len(inside))
    shown = Interval(_weighted(interval.lower, odds), _weighted(interval.upper, odds))
    if not inside:
        return Bin(low, high, 0, 0, None, None, shown), 0.0, 0.0
    weight = sum(weights)
    score = sum(score * each for (score, _), each in zip(inside, weights, strict=True)) / weight
    share = labelled * odds / weight
    return Bin(low, high, len(inside), labelled, score, share, shown), weight, abs(score - share)


def _weighted(share: float, odds: float) -> float:
    return share if odds == 1 else share * odds / (share * odds + 1 - share)
