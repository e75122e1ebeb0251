"""Fit a model's calibration to labelled texts, with one curve per head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from detectors.calibration import BadCalibration, Calibration, Point, fit_curve
from detectors.labelled import Labelled
from detectors.model import Model, Scores
from detectors.signal import Category

SHARE = 0.004
"""Assumed prevalence of a category: one message in 250."""

FEWEST = 10
"""A head with fewer positives, or fewer negatives, keeps its old curve."""

TOLERATED: frozenset[Category] = frozenset({"profanity", "insult"})
"""Allowed in disputes. A message that passes there may contain them, so it is a negative for other categories only."""

RELATED: dict[Category, frozenset[Category]] = {"insult": frozenset({"insult", "abuse"})}
"""Abuse includes insults."""

BATCH = 200


def calibrate(
    model: Model,
    rows: Sequence[Labelled],
    *,
    today: date,
    share: float = SHARE,
    before: Calibration | None = None,
    fits: Callable[[str, Labelled], bool] = lambda head, row: True,
) -> Calibration:
    """Fit each head on messages of its category against messages that must pass, of those that `fits` says are for it. A head
    without enough of either keeps its curve from `before`."""
    scored = list(zip(rows, _score_all(model, [row.text for row in rows]), strict=True))
    curves = {
        head: _fit_head(head, category, [one for one in scored if fits(head, one[0])], share, before)
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
