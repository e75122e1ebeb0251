"""Join words spelled letter by letter: `k i l l`, `k.i.l.l`, `y o u  d i e`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from detectors.confusables import LEET
from detectors.edit import Edit

# INVARIANT: letters and gaps share no characters, so that `re` never backtracks by more than one step.
_LETTER: Final = r"[a-z0-9@$!|+']"
_GAPS: Final = " .-_*/,"
_SPELLED: Final = re.compile(rf"(?<![a-z0-9])(?:{_LETTER}(?:[ .\-_/,]{{1,3}}|\*)){{2,}}{_LETTER}(?![a-z0-9])")
_NARROW: Final = re.compile(rf"{_LETTER}[ .\-_*/,]{_LETTER}")
_LONGEST: Final = 14
_CHUNK: Final = 200
_STRAY: Final = 2
"""The maximum number of letters at either end of a run that need not belong to a word."""


def spelled_out(text: str, known: frozenset[str]) -> list[Edit]:
    """Join words spelled letter by letter, and split them into known words."""
    edits = []
    for run in _SPELLED.finditer(text):
        for start, end in _groups(text, run.start(), run.end()):
            edits += _joined(text, start, end, known)
    return edits


def _groups(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a spelled-out run between wider gaps, with at most _CHUNK characters each."""
    wide = "  " if _NARROW.search(text, start, end) else "   "
    while start < end:
        stop = text.find(wide, start, end)
        stop = min(end if stop < 0 else stop, start + _CHUNK)
        yield start, stop
        start = stop
        while start < end and text[start] in _GAPS:
            start += 1


def _joined(text: str, start: int, end: int, known: frozenset[str]) -> list[Edit]:
    places = [place for place in range(start, end) if text[place] not in _GAPS]
    letters = "".join(LEET.get(text[place], text[place]) for place in places)
    cut = cut_into_words(letters, known, _STRAY)
    if cut is None:
        return []
    first, words = cut
    kept = places[first : first + sum(map(len, words))]
    return _edits(kept, words) if sum(text[place].isalpha() for place in kept) >= 2 else []


def _edits(places: list[int], words: list[str]) -> list[Edit]:
    edits = []
    first = 0
    for word in words:
        mine = places[first : first + len(word)]
        edits.append(Edit(mine[0], mine[-1] + 1, word, mine))
        first += len(word)
    return [
        Edit(edit.start, edit.end, edit.word + " ", [*edit.places, edit.end - 1])
        if after is not None and after.start == edit.end
        else edit
        for edit, after in itertools.zip_longest(edits, edits[1:])
    ]


def cut_into_words(letters: str, known: frozenset[str], stray: int = 0) -> tuple[int, list[str]] | None:
    """Split the letters into as few known words as possible, and return them with the position of the first. Up to `stray`
    letters at either end may be left over. None if the letters are not known words."""
    # For each position: the number of words that end there, and the start of the last one.
    best: list[tuple[int, int] | None] = [
        (0, -1) if place <= stray else None for place in range(len(letters) + 1)
    ]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before = best[start]
            if before is not None and letters[start:end] in known:
                now = best[end]
                if now is None or now[1] < 0 or before[0] + 1 < now[0]:
                    best[end] = (before[0] + 1, start)
    for end in range(len(letters), max(0, len(letters) - stray - 1), -1):
        if (step := best[end]) is not None and step[1] >= 0:
            return _back_from(letters, best, end)
    return None


def _back_from(letters: str, best: list[tuple[int, int] | None], end: int) -> tuple[int, list[str]]:
    words: list[str] = []
    while (step := best[end]) is not None and step[1] >= 0:
        words.append(letters[step[1] : end])
        end = step[1]
    return end, words[::-1]
