"""Find quotations in a text: between quotation marks, and on lines that begin with `>`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from detectors.reading import Reading

_FEWEST_WORDS: Final = 2
"""Fewer words are scare quotes, which excuse nothing."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The words from `first` to `last`, exclusive."""

    first: int
    last: int


def quotes_of(reading: Reading) -> list[Quote]:
    """The quotes in order. Of two that overlap, only the first is returned."""
    text = reading.normalized
    spans = [*_marked(text, '"'), *_single(text), *_lines(text)]
    quotes = []
    for start, end in spans:
        quote = Quote(bisect_left(reading.starts, start, 1), bisect_left(reading.starts, end, 1))
        if sum(word not in ".," for word in reading.words[quote.first : quote.last]) >= _FEWEST_WORDS:
            quotes.append(quote)
    apart: list[Quote] = []
    for quote in sorted(quotes, key=lambda quote: (quote.first, -quote.last)):
        if not apart or quote.first >= apart[-1].last:
            apart.append(quote)
    return apart


def _marked(text: str, mark: str) -> Iterator[tuple[int, int]]:
    start = text.find(mark)
    while start >= 0:
        end = text.find(mark, start + 1)
        if end < 0:
            return
        yield start + 1, end
        start = text.find(mark, end + 1)


def _single(text: str) -> Iterator[tuple[int, int]]:
    """Find single quotes. An apostrophe opens one if no letter precedes it, and closes one if no letter follows it."""
    opened = -1
    place = text.find("'")
    while place >= 0:
        before, after = text[place - 1 : place].isalnum(), text[place + 1 : place + 2].isalnum()
        if not before and after and opened < 0:
            opened = place
        elif not after and opened >= 0 and place > opened:
            yield opened + 1, place
            opened = -1
        place = text.find("'", place + 1)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    if ">" not in text:
        return
    start = 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith(">"):
            yield start, start + len(line)
        start += len(line)
