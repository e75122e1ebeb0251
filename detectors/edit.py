"""A correction that keeps the origin of each character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters `start` to `end` by `word`; `places` has the origin of each of its characters."""

    start: int
    end: int
    word: str
    places: Sequence[int]
