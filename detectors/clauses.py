"""Where the sentence and the clause around a place begin and end."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from detectors.reading import Reading

REACH: Final = 200
"""How far, in characters, a sentence is looked at around a place: a text without a full stop is not one sentence."""


def sentence(flat: bytes, start: int, end: int) -> tuple[int, int]:
    """The sentence around `start` to `end`, its mark at either end included, cut at REACH."""
    first = flat.rfind(b". ", max(0, start - REACH), start + 1)
    last = flat.find(b". ", max(start, end - 2), end + REACH)
    return (
        first if first >= 0 else max(0, start - REACH),
        last + 2 if last >= 0 else min(len(flat), end + REACH),
    )


def sentence_ends(reading: Reading) -> list[int]:
    """Where among the words the sentences end."""
    return [place for place, word in enumerate(reading.words) if word == "."]


def line_end(reading: Reading, word: int) -> int:
    """The first word, or the end, that stands on a later line than `word`, an empty rest of the line not counted."""
    text = reading.normalized
    start = reading.ends[word]
    while start < len(text) and not text[start].isalnum() and start < reading.ends[word] + REACH:
        start += 1
    stop = text.find("\n", start)
    return bisect_left(reading.starts, stop if stop >= 0 else len(text), 1)
