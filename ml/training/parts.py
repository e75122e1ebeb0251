"""Split labelled texts: for learning, for calibration, and for measuring only."""

from __future__ import annotations

from detectors.labelled import Labelled

LEARNED = ("openai", "edos", "davidson", "surge", "jigsaw", "uci")
"""The data sets that the shipped heads learned from."""


def is_kept(row: Labelled) -> bool:
    """Not learned: complaints, our own disputes and `dev` calibrate; `test` only measures."""
    return (
        row.part in {"dev", "test"} or row.group.endswith("complaint") or row.group.startswith("disputecheck")
    )


def is_learned(row: Labelled) -> bool:
    """Learned, so measurements on these rows say little."""
    return row.group.startswith(LEARNED) and not is_kept(row)
