"""Hide idioms from a classifier, which would read `kill the lights` as a threat."""

from __future__ import annotations

from collections.abc import Iterable

from detectors.blanked import blanked
from detectors.detector import Detector
from detectors.lexicon import Lexicon
from detectors.message import Message
from detectors.reading import Reader
from detectors.signal import Category, Signal


class WithoutIdioms:
    """Replace the lexicon's idioms by spaces, so that the length of the text stays the same."""

    def __init__(self, inside: Detector, lexicon: Lexicon) -> None:
        self.name = inside.name
        self.version = inside.version
        self.categories: frozenset[Category] = inside.categories
        self.rules = inside.rules
        self._inside = inside
        self._idioms = lexicon.readings.idioms
        self._reader = Reader(lexicon.known)

    def find(self, message: Message) -> Iterable[Signal]:
        reading = self._reader.reading(message)
        spans = [
            reading.words_at(*match.span())
            for pattern in self._idioms
            if all(not need.isdisjoint(reading.distinct) for need in pattern.needs)
            for match in pattern.regexp.finditer(reading.flat)
        ]
        return self._inside.find(blanked(reading, spans) if spans else message)
