"""Turn raw scores into probabilities, for a given prevalence of the category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Point = tuple[float, float]

SCORES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""The scores at which a curve is stored."""


class BadCalibration(Exception):
    """The calibration does not fit the model, or could not be fitted; the message says why."""


@dataclass(frozen=True)
class Calibration:
    """`curves` maps each head to points of log-odds and score, both ascending. Scores are interpolated linearly between points
    and constant beyond them.

    `fitted` is None for the uncalibrated model, whose scores are its own probabilities.
    """

    model: str
    fitted: date | None
    share: float
    curves: Mapping[str, tuple[Point, ...]]

    @cached_property
    def version(self) -> str:
        if self.fitted is None:
            return f"{self.model}@uncalibrated"
        curves = repr(sorted(self.curves.items()))
        return f"{self.model}@{self.fitted.isoformat()}.{sha256(curves.encode()).hexdigest()[:8]}"

    def score(self, head: str, raw: float) -> float:
        points = self.curves[head]
        raws, scores = zip(*points, strict=True)
        return float(np.interp(raw, raws, scores))


def uncalibrated(model: str, heads: Iterable[str]) -> Calibration:
    """The identity calibration: scores are the model's own probabilities."""
    curve = tuple((log_odds(score), score) for score in SCORES)
    return Calibration(model, None, 0.5, dict.fromkeys(heads, curve))


def log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def fit_curve(bad: Sequence[float], good: Sequence[float], share: float) -> tuple[Point, ...]:
    """Fit Platt's logistic curve to the log-odds of messages inside and outside the category.

    `share` is the assumed share of the category among all messages, regardless of the numbers given here.
    """
    if not bad or not good:
        raise BadCalibration("a curve needs messages of the category and others")
    raws = np.array([*bad, *good], dtype=np.float64)
    target = np.array([1.0] * len(bad) + [0.0] * len(good))
    weight = np.where(target == 1, 0.5 / len(bad), 0.5 / len(good))
    slope, offset = _logistic(raws, target, weight)
    if slope <= 0:
        raise BadCalibration("the head scores messages of the category lower than others")
    offset += log_odds(share)
    return tuple((round((log_odds(score) - offset) / slope, 4), score) for score in SCORES)


def _logistic(
    x: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Weighted logistic regression in one variable, by Newton's method. The small ridge keeps separable data finite."""
    center, spread = float(x.mean()), float(x.std()) or 1.0
    rows = np.stack([(x - center) / spread, np.ones_like(x)], axis=1)
    weights = np.zeros(2)
    ridge = np.diag([1e-3, 0.0])
    for _ in range(100):
        guess = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (weight * (guess - target)) + ridge @ weights
        curvature = (rows * (weight * guess * (1 - guess))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curvature, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0] / spread), float(weights[1] - weights[0] * center / spread)


def save_calibration(calibration: Calibration, path: Path) -> None:
    document = {
        "model": calibration.model,
        "fitted": calibration.fitted,
        "share": calibration.share,
        "curves": {head: [list(point) for point in points] for head, points in calibration.curves.items()},
    }
    text = yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=100)
    path.write_text(f"# Written by a calibration; log-odds and score of each head.\n{text}", "utf-8")


def load_calibration(path: Path) -> Calibration:
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    curves = {
        head: tuple((float(raw), float(score)) for raw, score in points)
        for head, points in document["curves"].items()
    }
    for head, points in curves.items():
        if list(points) != sorted(points) or sorted(score for _, score in points) != [
            score for _, score in points
        ]:
            raise BadCalibration(f"{path}: the curve of `{head}` does not rise")
    return Calibration(document["model"], document["fitted"], document["share"], curves)
