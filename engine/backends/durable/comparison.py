"""Comparisons turned so that durable-rules can test them: a property on the left, anything else on the right."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.backends.durable.terms import (
    ALWAYS,
    NEVER,
    ZERO,
    Arithmetic,
    Constant,
    Operand,
    Slot,
    Terms,
    Test,
    constant,
    one,
)

_RUN: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def arithmetic(sign: str, left: Operand, right: Operand) -> Operand:
    if isinstance(left, Constant) and isinstance(right, Constant):
        return constant(_RUN[sign](left.value, right.value))
    return Arithmetic(sign, left, right)


def compare(sign: str, left: Operand, right: Operand) -> Terms:
    """Two sums are compared by the sign of their difference, which is exact: for doubles too, since none comes near the
    bound where a difference of unequal numbers is zero or has no value."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return ALWAYS if _RUN[sign](left.value, right.value) else NEVER
    if isinstance(left, Slot):
        return one(Test(left, sign, right))
    if isinstance(right, Slot):
        return one(Test(right, _MIRRORED[sign], left))
    return one(Test(ZERO, sign, arithmetic("-", right, left)))
