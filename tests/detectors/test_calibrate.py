"""Which messages a head is calibrated on, and what happens without enough of them."""

from collections.abc import Sequence
from datetime import date

import pytest

from detectors.calibrate import calibrate
from detectors.calibration import BadCalibration, Calibration
from detectors.labelled import Labelled
from detectors.model import Scores
from detectors.signal import Category

TODAY = date(2026, 3, 1)


class ByLength:
    """A model that scores longer texts higher."""

    version = "length-1"

    def __init__(self, **heads: Category) -> None:
        self.heads = heads

    def score(self, texts: Sequence[str]) -> list[Scores]:
        return [dict.fromkeys(self.heads, float(len(text))) for text in texts]


def rows(category: Category | str, lengths: range, must: str = "block") -> list[Labelled]:
    return [Labelled("x" * length, "made up", category, must, must) for length in lengths]  # type: ignore[arg-type]


def test_calibration_separates_messages_of_the_category_from_those_that_pass() -> None:
    calibration = calibrate(
        ByLength(long="threat"),
        rows("threat", range(40, 60)) + rows("", range(20), "pass"),
        today=TODAY,
        share=0.5,
    )
    assert calibration.score("long", 55) > 0.9
    assert calibration.score("long", 5) < 0.1
    assert calibration.version == "length-1@2026-03-01.f73c6519"


def test_harsh_messages_count_as_good_for_threats_but_not_for_profanity() -> None:
    harsh = [Labelled("x" * length, "harsh", "profanity", "block", "pass") for length in range(30, 50)]
    threats, clean = rows("threat", range(60, 80)), rows("", range(20), "pass")
    calibration = calibrate(
        ByLength(a="threat", b="profanity"), threats + harsh + clean, today=TODAY, share=0.5
    )
    assert calibration.score("a", 40) < 0.5 < calibration.score("b", 40)


def test_head_without_enough_messages_keeps_its_curve() -> None:
    before = Calibration("length-0", TODAY, 0.1, {"long": ((0.0, 0.3),)})
    calibration = calibrate(ByLength(long="hate"), rows("", range(20), "pass"), today=TODAY, before=before)
    assert calibration.curves == before.curves


def test_head_without_enough_messages_and_without_a_curve_is_refused() -> None:
    with pytest.raises(BadCalibration) as refused:
        calibrate(ByLength(long="hate"), rows("hate", range(9)) + rows("", range(20), "pass"), today=TODAY)
    assert (
        str(refused.value) == "`long` needs 10 messages of `hate` and 10 that must pass; there are 9 and 20"
    )
