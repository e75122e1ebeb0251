"""A text as written and as normalized, with a mapping between the two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """`origins[i]` is the index in `original` of character `i` of `normalized`. A final extra entry marks the end of the last
    character."""

    original: str
    normalized: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map `start` to `end` in the normalized text to the original."""
        return self.origins[start], self.origins[end - 1] + 1 if end > start else self.origins[start]
