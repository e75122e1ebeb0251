"""One correction of a text, which keeps where each character came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """`word` in place of the characters `start` to `end`; `places` says where each of its characters was."""

    start: int
    end: int
    word: str
    places: Sequence[int]
