"""Fits a calibration of a model to labelled texts, head by head."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from detectors.calibration import BadCalibration, Calibration, Point, fit_curve
from detectors.labelled import Labelled
from detectors.model import Model, Scores
from detectors.signal import Category

SHARE = 0.025
"""One message in forty is of a category: what is assumed where nobody has counted."""

FEWEST = 10
"""With fewer messages of a category than this, its curve is left as it was."""

TOLERATED: frozenset[Category] = frozenset({"profanity", "insult"})
"""A dispute's messages that pass may be full of these, so that they are good messages of other categories only."""

RELATED: dict[Category, frozenset[Category]] = {"insult": frozenset({"insult", "abuse"})}
"""Abuse is an insult and more."""

BATCH = 200


def calibrate(
    model: Model,
    rows: Sequence[Labelled],
    *,
    today: date,
    share: float = SHARE,
    before: Calibration | None = None,
) -> Calibration:
    """Messages of a category against messages that must pass. Heads without enough of either keep their curve of `before`."""
    scores = _score_all(model, [row.text for row in rows])
    curves = {
        head: _fit_head(head, category, list(zip(rows, scores, strict=True)), share, before)
        for head, category in model.heads.items()
    }
    return Calibration(model.version, today, share, curves)


def _fit_head(
    head: str,
    category: Category,
    scored: Sequence[tuple[Labelled, Scores]],
    share: float,
    before: Calibration | None,
) -> tuple[Point, ...]:
    related = RELATED.get(category, frozenset({category}))
    bad = [scores[head] for row, scores in scored if row.category in related]
    good = [scores[head] for row, scores in scored if _is_good(row, category, related)]
    if len(bad) >= FEWEST and len(good) >= FEWEST:
        return fit_curve(bad, good, share)
    if before is None or head not in before.curves:
        raise BadCalibration(
            f"`{head}` needs {FEWEST} messages of `{category}` and {FEWEST} that must pass; there are {len(bad)} and {len(good)}"
        )
    return before.curves[head]


def _is_good(row: Labelled, category: Category, related: frozenset[Category]) -> bool:
    must = row.normal if category in TOLERATED else row.dispute
    return must == "pass" and row.category not in related


def _score_all(model: Model, texts: Sequence[str]) -> list[Scores]:
    return [
        scores
        for start in range(0, len(texts), BATCH)
        for scores in model.score(texts[start : start + BATCH])
    ]
