"""Detect rule matches, and whether the author only reports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from detectors.circumstances import Circumstances
from detectors.clause_rules.candidates import Candidates
from detectors.clause_rules.contacts import CONTACTS, contacts
from detectors.clause_rules.exceptions import complained_of, excepted, opposed
from detectors.clause_rules.repeated_abuse import REPEATED, repeated_abuse
from detectors.lexicon import Lexicon, Rule
from detectors.message import Message
from detectors.patterns import Pattern
from detectors.reading import Reader, Reading
from detectors.signal import Category, Signal

_CHECKED: Final = 60
"""The maximum number of matches of a pattern that can be excused, so that many denials cannot hide a match."""
_SHOWN: Final = 4
"""The maximum number of signals per rule."""


class ClauseRules:
    """Apply the rules of a lexicon and find contact details."""

    name = "clause_rules"

    def __init__(self, lexicon: Lexicon) -> None:
        self.version = lexicon.version
        self._finds_contacts = lexicon.language == "english"  # which look the same in every language
        self.rules: Mapping[str, Category] = {
            **{rule.id: rule.category for rule in lexicon.rules},
            f"{lexicon.prefix}{REPEATED}": "abuse",
            **dict.fromkeys(CONTACTS if self._finds_contacts else (), "spam"),
        }
        self.categories: frozenset[Category] = frozenset(
            {rule.category for rule in lexicon.rules} | ({"spam"} if self._finds_contacts else set())
        )
        self._lexicon = lexicon
        self._reader = Reader(lexicon.known)
        self._candidates = Candidates(lexicon.rules, lexicon.language)

    def concerns(self, words: frozenset[str]) -> bool:
        """Whether a rule may match a text of these words."""
        return any(True for _ in self._candidates.of(words))

    def find(self, message: Message) -> list[Signal]:
        reading = self._reader.reading(message)
        circumstances = Circumstances(reading, self._lexicon.readings)
        by_rule: dict[tuple[str, bool], list[Signal]] = {}
        for rule, pattern in self._candidates.of(reading.distinct):
            for number, (first, last) in enumerate(_matches(rule, pattern, reading)):
                excusable = number < _CHECKED and not rule.own
                excuse = circumstances.of(first, last) if excusable else (False, False)
                if excuse == (True, False) and rule.must_complain:
                    reported = complained_of(self._lexicon.readings, reading, first, last)
                    excuse = (reported, not reported)
                signal = self._signal(rule, reading, first, last, excuse)
                own = not (signal.reported or signal.quoted)
                signals = by_rule.setdefault((rule.id, own), [])
                if len(signals) >= _SHOWN:
                    if own:
                        break
                elif all(signal.end <= other.start or other.end <= signal.start for other in signals):
                    signals.append(signal)
        signals = [signal for several in by_rule.values() for signal in several]
        return [
            *signals,
            *repeated_abuse(signals, reading, self._lexicon, self.name),
            *(contacts(reading, self._lexicon, self.name) if self._finds_contacts else ()),
        ]

    def _signal(
        self, rule: Rule, reading: Reading, first: int, last: int, excuse: tuple[bool, bool]
    ) -> Signal:
        reported, quoted = excuse
        start, end = reading.span_of(first, last)
        score = rule.score
        if rule.opposable and opposed(self._lexicon.readings, reading, first, last):
            score = min(score, self._lexicon.severities["uncertain"][rule.category])
        return Signal(
            rule.category,
            score,
            start,
            end,
            self.name,
            self.version,
            rule.id,
            reported or rule.reported,
            quoted,
        )


def _matches(rule: Rule, pattern: Pattern, reading: Reading) -> Iterator[tuple[int, int]]:
    """The words of each match without an exception. The end of a sentence may end one match and begin the next."""
    flat = reading.flat
    place = checked = 0
    while match := pattern.regexp.search(flat, place):
        start, end = match.span()
        checked += 1
        if checked > _CHECKED or not excepted(rule, flat, start, end):
            first, last = reading.words_at(start, end)
            while first < last and reading.words[first] in ".,":
                first += 1
            while first < last and reading.words[last - 1] in ".,":
                last -= 1
            yield first, last
        place = max(start + 1, end - 2)
