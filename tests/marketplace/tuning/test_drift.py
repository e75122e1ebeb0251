"""How far the scores of a week differ from those before."""

from math import log
from random import Random

import pytest

from detectors.signal import CATEGORIES
from marketplace.tuning.drift import (
    BINS,
    FEWEST,
    Drift,
    add_up,
    bins_of,
    measure_all,
    measure_drift,
    name_bins,
)

LIMIT = 0.2
SHAPE = (0.3, 0.2, 0.2, 0.2, 0.1)
TURNED = tuple(reversed(SHAPE))


def week(random: Random, texts: int, share: float, shape: tuple[float, ...] = SHAPE) -> list[int]:
    counts = [0] * BINS
    for _ in range(texts):
        place = random.choices(range(1, BINS), shape)[0] if random.random() < share else 0
        counts[place] += 1
    return counts


def test_a_text_is_in_the_bin_of_its_highest_score() -> None:
    signals = [
        {"category": "threat", "score": 0.29},
        {"category": "threat", "score": 0.3},
        {"category": "spam", "score": 1.0},
        {"category": "hate", "score": 0},
    ]
    assert bins_of(signals) == {"threat": 2, "spam": 5, "hate": 1}
    assert bins_of([]) == {}
    assert name_bins() == [
        "none",
        "below 0.30",
        "0.30 to 0.50",
        "0.50 to 0.70",
        "0.70 to 0.90",
        "0.90 to 1.00",
    ]


def test_index_is_the_usual_one_of_the_texts_with_a_score() -> None:
    """If as many texts as before have one."""
    before, latest = [8_000, 300, 200, 200, 200, 100], [8_000, 100, 200, 200, 200, 300]
    usual = sum(
        (now - then) / 1_000 * log(now / then) for then, now in zip(before[1:], latest[1:], strict=True)
    )
    assert measure_drift("threat", before, latest).index == pytest.approx(usual)


def test_more_texts_with_a_score_are_drift_too() -> None:
    before, latest = [9_900, 30, 20, 20, 20, 10], [9_800, 60, 40, 40, 40, 20]
    drift = measure_drift("threat", before, latest)
    assert drift.index == pytest.approx(log(2) / 1.5, rel=0.02)
    assert drift.alarms(LIMIT)
    assert not drift.alarms(0.5)


def test_same_weeks_do_not_drift() -> None:
    drift = measure_drift("threat", [800, 30, 20, 20, 20, 10], [400, 15, 10, 10, 10, 5])
    assert (drift.index, drift.is_chance, drift.alarms(LIMIT)) == (pytest.approx(0.0), True, False)


def test_too_few_texts_say_nothing() -> None:
    few = [10_000, 0, 0, 0, FEWEST - 2, 0], [100, 0, 0, 0, 0, 1]
    assert measure_drift("threat", *few) == Drift("threat", *few, None, True)
    assert measure_drift("threat", few[0], [100, 0, 0, 0, 0, 2]).index is not None
    assert measure_drift("threat", [0] * BINS, [0, 50, 0, 0, 0, 0]).index is None


@pytest.mark.parametrize(
    ("share", "shape"), [(0.1, SHAPE), (0.05, TURNED)], ids=["twice as many", "other scores"]
)
def test_planted_drift_is_found(share: float, shape: tuple[float, ...]) -> None:
    random = Random(7)
    before = add_up(week(random, 2_000, 0.05) for _ in range(8))
    assert measure_drift("threat", before, week(random, 2_000, share, shape)).alarms(LIMIT)


@pytest.mark.parametrize("trials", [60, pytest.param(2_000, marks=pytest.mark.full)])
def test_weeks_without_drift_raise_few_alarms(trials: int) -> None:
    """About one in a thousand, whatever the size of the weeks, though the index of small ones is high by chance."""
    random = Random(3)
    for texts, share in ((100, 0.3), (500, 0.05)):
        alarms = high = 0
        for _ in range(trials):
            drift = measure_drift("threat", week(random, 4 * texts, share), week(random, texts, share))
            alarms += drift.alarms(LIMIT)
            high += (drift.index or 0.0) >= LIMIT
        assert high > trials / 10
        assert alarms <= max(2, trials / 200)


def test_every_category_is_measured_and_the_most_drift_comes_first() -> None:
    before = {"threat": [900, 50, 0, 0, 50, 0], "spam": [900, 50, 0, 0, 50, 0]}
    latest = {"threat": [900, 50, 0, 0, 50, 0], "spam": [900, 0, 0, 0, 100, 0]}
    measured = measure_all(before, latest)
    assert measured[0].category == "spam"
    assert {drift.category for drift in measured} == set(CATEGORIES)
    assert [drift.category for drift in measured if drift.alarms(LIMIT)] == ["spam"]
