"""Select the rules that can match a text, by the words that they require."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from detectors.function_words import function_words
from detectors.lexicon import Rule
from detectors.patterns import Pattern
from detectors.signal import Language

_COMMON: Final = 200
"""The assumed frequency of a common word, relative to a rare one."""


class Candidates:
    """An index of patterns by the rarest word that each requires."""

    def __init__(self, rules: Iterable[Rule], language: Language) -> None:
        common = function_words()["english"] | function_words()[language]  # most texts are English

        def frequency(need: frozenset[str]) -> tuple[int, int]:
            return sum(_COMMON if word in common else 1 for word in need), len(need)

        self._by_word: dict[str, list[int]] = {}
        self._patterns: list[tuple[Rule, Pattern, list[frozenset[str]]]] = []
        for rule in rules:
            for pattern in rule.match:
                rarest, *others = sorted(pattern.needs, key=frequency)
                for word in rarest:
                    self._by_word.setdefault(word, []).append(len(self._patterns))
                self._patterns.append((rule, pattern, others))

    def of(self, words: frozenset[str]) -> Iterator[tuple[Rule, Pattern]]:
        numbers: set[int] = set()
        for word in words & self._by_word.keys():
            numbers.update(self._by_word[word])
        for number in sorted(numbers):
            rule, pattern, others = self._patterns[number]
            for need in others:
                if need.isdisjoint(words):
                    break
            else:
                yield rule, pattern
