"""Judge a message by the lexicons of several languages: each sees the clauses that are in its language."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast

from detectors.clause_rules.detector import ClauseRules
from detectors.detector import Detector
from detectors.language import LANGUAGES, SPELLED_OUT, evidence_of
from detectors.lexicon import Lexicon
from detectors.message import Message
from detectors.normalizer import PASSES
from detectors.reading import Reader, Reading
from detectors.repairs import is_word
from detectors.signal import FOREIGN, Category, Language, Signal
from detectors.word_list import WordList

_ENDS: Final = re.compile(r"[.!?;…\n]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_REACH: Final = 200
_WITH_RULES: Final = ("english", *FOREIGN)
_OTHERS: Final = {
    language: tuple(other for other in LANGUAGES if other != language) for language in _WITH_RULES
}
_SURE: Final = 2.0
"""The evidence from which a sentence is in a language: two function words."""

# fmt: off
_ELSEWHERE: Final = frozenset({
    "abo", "die", "fag", "hore", "ide", "kys", "mong", "musel", "negre", "negro", "negros", "paki", "pede", "polak", "sau",
    "slut", "slutt", "sui", "tard",
})
# fmt: on
"""Everyday words of languages without rules, such as sold out, please and kiss, that are slurs, abuse or threats in others."""


class ForeignReading:
    """Read a message with the vocabulary of a language, once for all detectors of a thread."""

    def __init__(
        self, lexicon: Lexicon, inside: Sequence[WordList | ClauseRules], passes: Collection[str]
    ) -> None:
        self._reader = Reader(lexicon.known, passes)
        self._inside = inside
        self._latest = threading.local()

    def of(self, message: Message) -> Reading | None:
        """None if the language has nothing to find."""
        if getattr(self._latest, "message", None) is not message:
            self._latest.reading = self._reader.read(message.original) if self._concerned(message) else None
            self._latest.message = message
        return cast("Reading | None", self._latest.reading)

    def _concerned(self, message: Message) -> bool:
        """Most English texts lack the words of every rule, and need not be read again."""
        if not isinstance(message, Reading) or message.language != "english":
            return True
        return any(detector.concerns(message.distinct) for detector in self._inside)


class Foreign:
    """A detector of a language, which reads the message anew."""

    def __init__(self, inside: Detector, reading: ForeignReading) -> None:
        self.name = inside.name
        self.version = inside.version
        self.categories: frozenset[Category] = inside.categories
        self.rules: Mapping[str, Category] = inside.rules
        self._inside = inside
        self._reading = reading

    def find(self, message: Message) -> list[Signal]:
        reading = self._reading.of(message)
        return list(self._inside.find(reading)) if reading is not None else []


class OwnClauses:
    """Drop what a detector finds in a sentence of another language, where its words mean something else: `retard` in French,
    `die` in German."""

    def __init__(self, inside: Detector, language: Language, english: frozenset[str] = frozenset()) -> None:
        """`english` is the vocabulary of the English lexicon."""
        self.name = inside.name
        self.version = inside.version
        self.categories: frozenset[Category] = inside.categories
        self.rules: Mapping[str, Category] = inside.rules
        self._inside = inside
        self._language = language
        self._english = english

    def find(self, message: Message) -> list[Signal]:
        return [signal for signal in self._inside.find(message) if self._is_own(message, signal)]

    def _is_own(self, message: Message, signal: Signal) -> bool:
        text = message.normalized
        start, end = bisect_left(message.origins, signal.start), bisect_left(message.origins, signal.end)
        before = [match.end() for match in _ENDS.finditer(text, max(0, start - _REACH), start)]
        after = _ENDS.search(text, end, end + _REACH)
        first = before[-1] if before else max(0, start - _REACH)
        around = evidence_of(text[first : after.start() if after else end + _REACH])
        other = max(_OTHERS[self._language], key=lambda language: around[language])
        if around[self._language] >= max(1.0, around[other]):
            return True
        match = text[start:end]
        if SPELLED_OUT.search(match):
            return other == "english" or around[other] < _SURE
        inside = evidence_of(match)
        if other not in _WITH_RULES:
            return around[other] < _SURE or not _ELSEWHERE.issuperset(_LETTERS.findall(match))
        if inside[self._language]:
            return inside[self._language] >= inside[other]
        if self._language == "english" or (other != "english" and around[other]):
            return around[other] < _SURE
        return not all(word in self._english or is_word(word) for word in _LETTERS.findall(match))


def foreign_detectors(
    lexicon: Lexicon, english: frozenset[str], passes: Collection[str] = PASSES
) -> tuple[Language, tuple[Detector, ...]]:
    """The language of a lexicon and its detectors. `english` is the vocabulary of the English lexicon."""
    detectors = (WordList(lexicon), ClauseRules(lexicon))
    reading = ForeignReading(lexicon, detectors, passes)
    return lexicon.language, tuple(
        OwnClauses(Foreign(inside, reading), lexicon.language, english) for inside in detectors
    )
