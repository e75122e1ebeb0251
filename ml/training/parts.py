"""Which labelled texts the heads learn, which they are calibrated on, and which only measure them."""

from __future__ import annotations

from detectors.labelled import Labelled

LEARNED = ("openai", "edos", "davidson", "surge", "jigsaw", "uci")
"""The data sets of which the shipped heads have seen what is not kept."""


def is_kept(row: Labelled) -> bool:
    """Complaints and the quarrels of our own calibrate, and so does `dev`; `test` does nothing but measure."""
    return (
        row.part in {"dev", "test"} or row.group.endswith("complaint") or row.group.startswith("disputecheck")
    )


def is_learned(row: Labelled) -> bool:
    """Of the data sets that were learned; what is measured on these rows says little."""
    return row.group.startswith(LEARNED) and not is_kept(row)
