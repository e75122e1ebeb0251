"""Exceptions to a rule: words before the match in its clause, words in its sentence, or required words that are missing
nearby."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from detectors.clauses import REACH, sentence
from detectors.lexicon import Readings, Rule
from detectors.patterns import Pattern
from detectors.reading import Reading

_BEFORE: Final = 80
_COMMA: Final = b", "


def excepted(rule: Rule, flat: bytes, start: int, end: int) -> bool:
    """Whether an exception applies to the match from `start` to `end`."""
    if rule.only_with and not _accompanied(rule, flat, start, end):
        return True
    if not rule.unless_before and not rule.unless_near:
        return False
    first, last = sentence(flat, start, end)
    if rule.unless_before:
        before = _clause_before(flat[max(first, start - _BEFORE) : start], flat[start : start + 2])
        if any(pattern.regexp.search(before) for pattern in rule.unless_before):
            return True
    around = flat[first:last]
    return any(pattern.regexp.search(around) for pattern in rule.unless_near)


def opposed(readings: Readings, reading: Reading, first: int, last: int) -> bool:
    """Whether the sentence of the words `first` to `last` denies or condemns what they say."""
    return _in_sentence(readings.opposed, reading, first, last)


def complained_of(readings: Readings, reading: Reading, first: int, last: int) -> bool:
    """Whether the sentence of the words `first` to `last` tells who was hurt by them."""
    return _in_sentence(readings.complaint, reading, first, last)


def _in_sentence(patterns: Iterable[Pattern], reading: Reading, first: int, last: int) -> bool:
    start, end = sentence(reading.flat, reading.places[first], reading.places[last])
    around = reading.flat[start:end]
    return any(pattern.regexp.search(around) for pattern in patterns)


def _accompanied(rule: Rule, flat: bytes, start: int, end: int) -> bool:
    """Whether each of `only_with` is within REACH of the match, in any sentence."""
    around = flat[flat.rfind(b" ", 0, max(0, start - REACH)) + 1 : end + REACH]
    return all(pattern.regexp.search(around) for pattern in rule.only_with)


def _clause_before(before: bytes, match: bytes) -> bytes:
    """The part of the match's clause before the match. An excuse applies to its own clause only: `never` in `you never called,
    ...` does not excuse the next clause."""
    if match == _COMMA:
        return b""
    return before[before.rfind(_COMMA) + len(_COMMA) :] if _COMMA in before else before
