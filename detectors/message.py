"""A text on its way through the detectors: as it was written, normalized, and how the two relate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """`origins[i]` is the place in `original` of character `i` of `normalized`; one more entry ends the last character."""

    original: str
    normalized: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters `start` to `end` of the normalized text as characters of the original."""
        return self.origins[start], self.origins[end - 1] + 1 if end > start else self.origins[start]
