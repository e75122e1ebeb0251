"""Which rules a text could match at all, by the words that they cannot do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detectors.lexicon import Rule
from detectors.patterns import Pattern


class Candidates:
    """An index of patterns by the rarest of the words that each of them needs."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        patterns = [(rule, pattern) for rule in rules for pattern in rule.match]
        frequency: dict[str, int] = {}
        for _, pattern in patterns:
            for word in frozenset().union(*pattern.needs):
                frequency[word] = frequency.get(word, 0) + 1
        self._by_word: dict[str, list[int]] = {}
        self._patterns = patterns
        for number, (_, pattern) in enumerate(patterns):
            key = min(pattern.needs, key=lambda need: (sum(_COMMON.get(word, 1) for word in need), len(need)))
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


_COMMON = dict.fromkeys(
    "i we you u your the a an this that it is are am be was were to of in on for with and or if my his her their he she they him "
    "them me us not no never will would can could should must have has had do don't all just so get go as by at from what who how "
    "when one more people any every some there here up out down off back i'm i'll you're it's that's now again like too".split(),
    200,
)
"""Words that nearly every text has select nothing."""
