"""Which rules a text could match at all, by the words that they cannot do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from detectors.function_words import function_words
from detectors.lexicon import Rule
from detectors.patterns import Pattern

_COMMON: Final = 200
"""How many rare words one weighs that nearly every text has."""


class Candidates:
    """An index of patterns by the rarest of the words that each of them needs."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        patterns = [(rule, pattern) for rule in rules for pattern in rule.match]
        common = function_words()["english"]
        self._by_word: dict[str, list[int]] = {}
        self._patterns = patterns
        for number, (_, pattern) in enumerate(patterns):
            key = min(
                pattern.needs,
                key=lambda need: (sum(_COMMON if word in common else 1 for word in need), len(need)),
            )
            for word in key:
                self._by_word.setdefault(word, []).append(number)

    def of(self, words: frozenset[str]) -> Iterator[tuple[Rule, Pattern]]:
        numbers: set[int] = set()
        for word in words & self._by_word.keys():
            numbers.update(self._by_word[word])
        for number in sorted(numbers):
            rule, pattern = self._patterns[number]
            if all(not need.isdisjoint(words) for need in pattern.needs):
                yield rule, pattern
