"""Raw scores become probabilities at the given share, and keep their order."""

from datetime import date
from pathlib import Path
from random import Random

import pytest

from detectors.calibration import (
    BadCalibration,
    Calibration,
    fit_curve,
    load_calibration,
    save_calibration,
)

TODAY = date(2026, 3, 1)


def drawn(mean: float, seed: int) -> list[float]:
    chance = Random(seed)
    return [chance.gauss(mean, 1.0) for _ in range(20_000)]


def test_curve_is_the_posterior_of_two_normal_distributions() -> None:
    """Means ±1 and variance 1 give log-odds of 2x, plus those of the share."""
    curve = fit_curve(drawn(1.0, 1), drawn(-1.0, 2), share=0.1)
    halfway = next(raw for raw, score in curve if score == 0.5)
    assert halfway == pytest.approx(1.0986, abs=0.05)
    assert next(raw for raw, score in curve if score == 0.9) - halfway == pytest.approx(1.0986, abs=0.05)


def test_curve_of_separable_scores_stays_finite() -> None:
    curve = fit_curve([5.0, 6.0], [-5.0, -6.0], share=0.5)
    assert sorted(curve) == list(curve)
    assert all(abs(raw) < 100 for raw, _ in curve)


def test_curve_of_a_head_that_scores_the_wrong_way_is_refused() -> None:
    with pytest.raises(BadCalibration, match="lower than others"):
        fit_curve([-1.0, -2.0, 0.0], [1.0, 2.0, 0.5], share=0.1)


def test_score_is_linear_between_points_and_level_beyond() -> None:
    calibration = Calibration("m", TODAY, 0.1, {"threat": ((0.0, 0.2), (2.0, 0.6))})
    assert [calibration.score("threat", raw) for raw in (-9, 0, 1, 2, 9)] == pytest.approx(
        [0.2, 0.2, 0.4, 0.6, 0.6]
    )


def test_version_names_model_day_and_curves() -> None:
    one, other = (
        Calibration("toxlstm-1", TODAY, 0.1, {"hate": ((0.0, 0.1), (1.0, score))}) for score in (0.5, 0.6)
    )
    assert one.version.startswith("toxlstm-1@2026-03-01.")
    assert one.version != other.version


def test_calibration_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    calibration = Calibration("m", TODAY, 0.1, {"threat": ((-1.5, 0.2), (2.0, 0.6)), "hate": ((0.0, 0.5),)})
    save_calibration(calibration, tmp_path / "m.yaml")
    assert load_calibration(tmp_path / "m.yaml") == calibration


def test_calibration_that_does_not_rise_is_refused(tmp_path: Path) -> None:
    save_calibration(Calibration("m", TODAY, 0.1, {"hate": ((0.0, 0.5), (1.0, 0.4))}), tmp_path / "m.yaml")
    with pytest.raises(BadCalibration, match="the curve of `hate` does not rise"):
        load_calibration(tmp_path / "m.yaml")
