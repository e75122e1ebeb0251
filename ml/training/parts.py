"""Split labelled texts into those for training, for calibration, and for measuring only."""

from __future__ import annotations

from detectors.labelled import Labelled

MADE_UP = "made up"
"""What the group of made-up texts begins with."""

LEARNED = ("openai", "edos", "davidson", "surge", "jigsaw", "uci", "goemotions")
"""The data sets that the shipped heads were trained on."""


def is_kept(row: Labelled) -> bool:
    """Not used for training: bad reviews, our own disputes and `dev` rows calibrate; `test` rows only measure."""
    return (
        row.part in {"dev", "test"}
        or row.group in {"uci amazon complaint", "uci yelp complaint"}
        or row.group.startswith("disputecheck")
    )


def is_learned(row: Labelled) -> bool:
    """Used for training, so results on these rows say little."""
    return row.group.startswith(LEARNED) and not is_kept(row)
