"""Decide whether words are the author's own, reported or quoted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from detectors.clauses import line_end, sentence_ends
from detectors.lexicon import Readings
from detectors.patterns import Pattern
from detectors.quotes import Quote, quotes_of
from detectors.reading import Reading

_BEFORE: Final = 14
_AFTER: Final = 8
_BETWEEN: Final = 4
_NAMED: Final = 3
"""How many words name who passes something on, as in `my brother says`."""
_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """Words that introduce a report, from `first` to `last` exclusive. The reported words end before `end`. They may be meant for
    the reader, and are passed on then."""

    first: int
    last: int
    end: int
    colon: bool
    passed_on: bool


class Circumstances:
    """Reports and quotations in a text, computed on demand, since most texts contain nothing to excuse."""

    def __init__(self, reading: Reading, readings: Readings) -> None:
        self.reading = reading
        self.readings = readings

    def of(self, first: int, last: int) -> tuple[bool, bool]:
        """Whether the words `first` to `last` are reported, and whether they are quoted. Words that are passed on are quoted."""
        quote = _holding(self._quotes, first, last)
        if quote is not None:
            return self._framed[quote], True
        if _holding(self._after_colons, first, last) is not None:
            return True, True
        # A report may begin inside the match: `your driver told my mother she is a fat cow`.
        if _holding(self._reports, last - 1, last) is not None:
            return True, False
        return False, _holding(self._passed_on, last - 1, last) is not None

    @cached_property
    def _quotes(self) -> list[Quote]:
        return quotes_of(self.reading)

    @cached_property
    def _frames(self) -> list[Frame]:
        ends = sorted(
            [*sentence_ends(self.reading), *(first for first, _ in self._found(self.readings.report_ends))]
        )
        frames = []
        for first, last in self._found(self.readings.report):
            inside = last - 1
            colon = self._colon(inside)
            end = (
                line_end(self.reading, inside) if colon else ends[min(bisect_left(ends, last), len(ends) - 1)]
            )
            # A report that begins later is one, inside of what is passed on.
            frames.append(Frame(first, last, end, colon, self._is_passed_on(first, last, _NAMED)))
        return frames

    @cached_property
    def _reports(self) -> list[Quote]:
        return _merged(_after(frame) for frame in self._frames if not (frame.colon or frame.passed_on))

    @cached_property
    def _passed_on(self) -> list[Quote]:
        return _merged(_after(frame) for frame in self._frames if frame.passed_on)

    @cached_property
    def _after_colons(self) -> list[Quote]:
        return _merged(_after(frame) for frame in self._frames if frame.colon and not frame.passed_on)

    @cached_property
    def _framed(self) -> dict[Quote, bool]:
        """Whether each quote is framed: by a report before or after it, or by a framed quote directly before it."""
        before = sorted(frame.last for frame in self._frames if not frame.passed_on)
        after = sorted(
            first
            for first, last in self._found(self.readings.report_after)
            if not self._is_passed_on(first, last)
        )
        framed: dict[Quote, bool] = {}
        previous: Quote | None = None
        for quote in self._quotes:
            framed[quote] = (
                _any_within(before, quote.first - _BEFORE, quote.first + 1)
                or _any_within(after, quote.last - 1, quote.last + _AFTER)
                or (previous is not None and framed[previous] and quote.first - previous.last <= _BETWEEN)
            )
            previous = quote
        return framed

    @cached_property
    def _handed(self) -> list[tuple[int, int]]:
        return self._found(self.readings.passed_on)

    def _is_passed_on(self, first: int, last: int, within: int = _MOST) -> bool:
        """Whether these words overlap words that pass something on, or the first `within` of them."""
        return any(start < last and first < min(end, start + within) for start, end in self._handed)

    def _found(self, patterns: Iterable[Pattern]) -> list[tuple[int, int]]:
        """The words of every match, with at most _MOST matches per pattern."""
        reading = self.reading
        spans = []
        for pattern in patterns:
            if all(not need.isdisjoint(reading.distinct) for need in pattern.needs):
                matches = zip(range(_MOST), pattern.regexp.finditer(reading.flat), strict=False)
                spans += [reading.words_at(*match.span()) for _, match in matches]
        return spans

    def _colon(self, word: int) -> bool:
        mark = self.reading.words[word] == ","
        end = self.reading.starts[word] if mark else self.reading.ends[word]
        return self.reading.normalized[end : end + 12].lstrip().startswith(":")


def _holding(spans: list[Quote], first: int, last: int) -> Quote | None:
    """The span that contains the words `first` to `last`. `spans` are sorted and do not overlap."""
    place = bisect_right(spans, first, key=lambda span: span.first) - 1
    return spans[place] if place >= 0 and last <= spans[place].last else None


def _merged(spans: Iterable[Quote]) -> list[Quote]:
    merged: list[Quote] = []
    for span in sorted(spans, key=lambda span: span.first):
        if merged and span.first <= merged[-1].last:
            merged[-1] = Quote(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


def _after(frame: Frame) -> Quote:
    return Quote(frame.last - 1, frame.end + 1)


def _any_within(places: list[int], least: int, most: int) -> bool:
    at = bisect_left(places, least)
    return at < len(places) and places[at] <= most
