"""Whether scores mean what they say. The expected numbers are those of `sklearn.calibration.calibration_curve(labels, scores,
n_bins=10)` of scikit-learn 1.7.2: mean score and share of each bin that is not empty."""

from collections.abc import Iterator

import pytest

from detectors.signal import Signal
from detectors.wilson import wilson
from marketplace.tuning.reliability import detectors_of, measure_reliability
from marketplace.tuning.samples import Sample

# fmt: off
SKLEARN = {
    (303, 1): ([
        (0.05, 0.212121212), (0.155, 0.166666667), (0.255, 0.433333333), (0.355, 0.3), (0.455, 0.566666667), (0.555, 0.6),
        (0.655, 0.7), (0.755, 0.733333333), (0.855, 0.966666667), (0.955, 0.966666667),
    ], 0.076237624),
    (500, 2): ([
        (0.05, 0.036363636), (0.154693878, 0.102040816), (0.254693878, 0.163265306), (0.355, 0.2), (0.455, 0.34),
        (0.555306122, 0.346938776), (0.655306122, 0.469387755), (0.755, 0.68), (0.855, 0.86), (0.955918367, 0.93877551),
    ], 0.09094),
    (60, 0.5): ([
        (0.05, 0.428571429), (0.158333333, 0.666666667), (0.258333333, 0.333333333), (0.361666667, 0.5), (0.461666667, 1.0),
        (0.561666667, 0.833333333), (0.661666667, 1.0), (0.765, 1.0), (0.865, 1.0), (0.96, 1.0),
    ], 0.2715),
}
# Of (303, 1), with each of the 133 texts that are not of the category given 39 times.
ONE_IN_THIRTY = ([
    (0.047022527, 0.006856024), (0.155193878, 0.005102041), (0.255281065, 0.019230769), (0.351099034, 0.010869565),
    (0.45028626, 0.032442748), (0.545617284, 0.037037037), (0.654489247, 0.056451613), (0.762964072, 0.065868263),
    (0.835441176, 0.426470588), (0.929852941, 0.426470588),
], 0.301071495)
# fmt: on


def texts(number: int, bend: float) -> Iterator[tuple[float, bool]]:
    """Every score of two decimals, with labels that are the more frequent the higher it is."""
    for i in range(number):
        hundredths = i * 37 % 101
        yield hundredths / 100, (i * i * 7 + i * 13) % 100 < hundredths**bend / 100 ** (bend - 1)


def sample(number: int, score: float, is_labelled: bool, **said: bool) -> Sample:
    found = (Signal("threat", score, 0, 1, "classifier", "1", "head", **said),) if score else ()
    return Sample(number, "normal", "english", found, (), frozenset(["threat"] if is_labelled else []))


def samples(number: int, bend: float) -> list[Sample]:
    return [sample(place, *text) for place, text in enumerate(texts(number, bend))]


@pytest.mark.parametrize("which", SKLEARN)
def test_bins_and_error_are_those_of_scikit_learn(which: tuple[int, float]) -> None:
    points, error = SKLEARN[which]
    measured = measure_reliability(samples(*which), detector="classifier", category="threat")
    shown = [(each.score, each.share) for each in measured.bins]
    assert shown == [
        (pytest.approx(score, abs=1e-8), pytest.approx(share, abs=1e-8)) for score, share in points
    ]
    assert measured.error == pytest.approx(error, abs=1e-8)
    assert measured.texts == which[0]
    assert [each.interval for each in measured.bins] == [wilson(b.labelled, b.texts) for b in measured.bins]


def test_share_of_the_category_is_as_if_other_texts_were_there_more_often() -> None:
    points, error = ONE_IN_THIRTY
    share = 170 / (170 + 39 * 133)
    measured = measure_reliability(samples(303, 1), detector="classifier", category="threat", share=share)
    shown = [(each.score, each.share) for each in measured.bins]
    assert shown == [
        (pytest.approx(score, abs=1e-8), pytest.approx(part, abs=1e-8)) for score, part in points
    ]
    assert measured.error == pytest.approx(error, abs=1e-8)
    assert all(each.interval.lower <= (each.share or 0) <= each.interval.upper for each in measured.bins)


def test_only_own_words_of_the_detector_have_a_score() -> None:
    told = [sample(1, 0.9, False, reported=True), sample(2, 0.9, True, quoted=True), sample(3, 0.75, True)]
    measured = measure_reliability(told, detector="classifier", category="threat")
    assert [(each.texts, each.labelled) for each in measured.bins if each.texts] == [(2, 1), (1, 1)]
    other = measure_reliability(told, detector="lexicon", category="threat")
    assert [(each.texts, each.labelled) for each in other.bins if each.texts] == [(3, 2)]
    assert detectors_of(told) == [("classifier", "threat")]


def test_empty_bins_say_nothing() -> None:
    measured = measure_reliability([sample(1, 0.75, True)], detector="classifier", category="threat")
    assert [(each.score, each.share) for each in measured.bins] == [(None, None)] * 7 + [(0.75, 1.0)] + [
        (None, None)
    ] * 2
    assert measured.error == pytest.approx(0.25)
    assert measure_reliability([], detector="classifier", category="threat", share=0.1).error == 0.0
