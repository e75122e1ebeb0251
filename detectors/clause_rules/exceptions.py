"""What takes a rule back: words right before its match, or somewhere in the sentence."""

from __future__ import annotations

from typing import Final

from detectors.clauses import sentence
from detectors.lexicon import Rule

_BEFORE: Final = 80


def excepted(rule: Rule, flat: bytes, start: int, end: int) -> bool:
    """Whether an exception of the rule holds for its match from `start` to `end`."""
    if not rule.unless_before and not rule.unless_near:
        return False
    first, last = sentence(flat, start, end)
    if rule.unless_before:
        before = flat[max(first, start - _BEFORE) : start]
        if any(pattern.regexp.search(before) for pattern in rule.unless_before):
            return True
    around = flat[first:last]
    return any(pattern.regexp.search(around) for pattern in rule.unless_near)
