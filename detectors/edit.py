"""A text edit that keeps track of where each character came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters `start` to `end` by `word`. `places` has the origin of each character of `word`."""

    start: int
    end: int
    word: str
    places: Sequence[int]
