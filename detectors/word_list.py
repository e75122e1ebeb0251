"""Detect the lexicon's words and phrases, which count anywhere in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from detectors.circumstances import Circumstances
from detectors.clauses import sentence
from detectors.lexicon import Entry, Lexicon
from detectors.message import Message
from detectors.reading import Reader, Reading
from detectors.signal import Category, Signal

_SHOWN: Final = 8
_CHECKED: Final = 60
"""The maximum number of words that a report or quotation can excuse; any more count as the author's own."""


class WordList:
    """Match phrases in a trie of words, longest first."""

    name = "lexicon"

    def __init__(self, lexicon: Lexicon) -> None:
        self.version = lexicon.version
        self.categories: frozenset[Category] = frozenset(entry.category for entry in lexicon.entries)
        self._lexicon = lexicon
        self.rules: Mapping[str, Category] = {self._rule(category): category for category in self.categories}
        self._reader = Reader(lexicon.known)
        self._phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        for entry in lexicon.entries:
            for phrase in entry.phrases:
                first, *rest = phrase.split()
                self._phrases.setdefault(first, []).append((tuple(rest), entry))
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: (-len(phrase[0]), phrase[1].category))

    def concerns(self, words: frozenset[str]) -> bool:
        """Whether a phrase may be in a text of these words."""
        return not self._phrases.keys().isdisjoint(words)

    def find(self, message: Message) -> list[Signal]:
        reading = self._reader.reading(message)
        if not self.concerns(reading.distinct):
            return []
        circumstances = Circumstances(reading, self._lexicon.readings)
        by_category: dict[tuple[Category, bool], list[Signal]] = {}
        for number, (first, last, entry) in enumerate(self._matches(reading)):
            reported, quoted = circumstances.of(first, last) if number < _CHECKED else (False, False)
            signals = by_category.setdefault((entry.category, reported or quoted), [])
            if len(signals) < _SHOWN:
                start, end = reading.span_of(first, last)
                signals.append(
                    Signal(
                        entry.category,
                        entry.score,
                        start,
                        end,
                        self.name,
                        self.version,
                        self._rule(entry.category),
                        reported,
                        quoted,
                    )
                )
        return [signal for signals in by_category.values() for signal in signals]

    def _rule(self, category: Category) -> str:
        return f"{self._lexicon.prefix}{category}.word"

    def _matches(self, reading: Reading) -> Iterator[tuple[int, int, Entry]]:
        words = reading.words
        free = 0
        for place, word in enumerate(words):
            for rest, entry in self._phrases.get(word, ()):
                last = place + 1 + len(rest)
                if (
                    place >= free
                    and words[place + 1 : last] == rest
                    and not _innocent(entry, reading, place, last)
                ):
                    yield place, last, entry
                    free = last
                    break


def _innocent(entry: Entry, reading: Reading, first: int, last: int) -> bool:
    if entry.may_be_name and first > 1 and reading.words[first - 1] != ".":
        place = reading.origins[reading.starts[first]]
        if reading.original[place].isupper() and reading.original[place + 1 : place + 2].islower():
            return True
    if not entry.unless_near:
        return False
    start, end = sentence(reading.flat, reading.places[first], reading.places[last])
    around = reading.flat[start:end]
    return any(pattern.regexp.search(around) for pattern in entry.unless_near)
