"""What takes a rule back: words before its match in the same clause, or somewhere in the sentence."""

from __future__ import annotations

from typing import Final

from detectors.clauses import sentence
from detectors.lexicon import Rule

_BEFORE: Final = 80
_COMMA: Final = b", "


def excepted(rule: Rule, flat: bytes, start: int, end: int) -> bool:
    """Whether an exception of the rule holds for its match from `start` to `end`."""
    if not rule.unless_before and not rule.unless_near:
        return False
    first, last = sentence(flat, start, end)
    if rule.unless_before:
        before = _clause_before(flat[max(first, start - _BEFORE) : start], flat[start : start + 2])
        if any(pattern.regexp.search(before) for pattern in rule.unless_before):
            return True
    around = flat[first:last]
    return any(pattern.regexp.search(around) for pattern in rule.unless_near)


def _clause_before(before: bytes, match: bytes) -> bytes:
    """What excuses one clause does not excuse the next: `never` in `you never called, ...`."""
    if match == _COMMA:
        return b""
    return before[before.rfind(_COMMA) + len(_COMMA) :] if _COMMA in before else before
