"""Find the bounds of the sentence around a position."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from detectors.reading import Reading

REACH: Final = 200
"""The maximum number of characters to search on either side, since a long text may have no full stop."""


def sentence(flat: bytes, start: int, end: int) -> tuple[int, int]:
    """The sentence around `start` to `end`, including the punctuation at both ends, limited to REACH."""
    first = flat.rfind(b". ", max(0, start - REACH), start + 1)
    last = flat.find(b". ", max(start, end - 2), end + REACH)
    return (
        first if first >= 0 else max(0, start - REACH),
        last + 2 if last >= 0 else min(len(flat), end + REACH),
    )


def sentence_ends(reading: Reading) -> list[int]:
    """The indexes of the words that end sentences."""
    return [place for place, word in enumerate(reading.words) if word == "."]


def line_end(reading: Reading, word: int) -> int:
    """The index of the first word on a later line than `word`, or the end of the text. A blank rest of the line does not
    count."""
    text = reading.normalized
    start = reading.ends[word]
    while start < len(text) and not text[start].isalnum() and start < reading.ends[word] + REACH:
        start += 1
    stop = text.find("\n", start)
    return bisect_left(reading.starts, stop if stop >= 0 else len(text), 1)
