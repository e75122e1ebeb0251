"""Many mild insults directed at one person in one message count as abuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from detectors.lexicon import Lexicon
from detectors.reading import Reading
from detectors.signal import Signal

REPEATED: Final = "abuse.repeated"
ENOUGH: Final = 3
PRONOUN: Final = "nobody"
"""A word list has it as an insult, but it insults only after an article. It does not count."""


def repeated_abuse(
    signals: Iterable[Signal], reading: Reading, lexicon: Lexicon, detector: str
) -> Iterator[Signal]:
    """One signal if the sentences that insult a person contain ENOUGH insults. `You useless, lying idiot` is one."""
    spans = [(s.start, s.end) for s in signals if s.category == "insult" and not s.reported and not s.quoted]
    if not spans:
        return
    places = [
        place
        for first, last in _sentences(reading)
        if any(_touches(reading, first, last, start, end) for start, end in spans)
        for place in range(first, last)
        if _insults(reading, lexicon, place)
    ]
    if sum(not _continues(reading, lexicon, place) for place in places) >= ENOUGH:
        start, end = reading.span_of(places[0], places[-1] + 1)
        score = lexicon.severities["strong"]["abuse"]
        yield Signal("abuse", score, start, end, detector, lexicon.version, f"{lexicon.prefix}{REPEATED}")


def _insults(reading: Reading, lexicon: Lexicon, place: int) -> bool:
    return reading.words[place] in lexicon.insults and reading.words[place] != PRONOUN


def _continues(reading: Reading, lexicon: Lexicon, place: int) -> bool:
    before = place - 2 if reading.words[place - 1] == "," else place - 1
    return before > 0 and _insults(reading, lexicon, before)


def _sentences(reading: Reading) -> Iterator[tuple[int, int]]:
    first = 1
    for place, word in enumerate(reading.words[1:], start=1):
        if word == ".":
            yield first, place
            first = place + 1


def _touches(reading: Reading, first: int, last: int, start: int, end: int) -> bool:
    if first >= last:
        return False
    left, right = reading.span_of(first, last)
    return start < right and end > left
