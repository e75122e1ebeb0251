"""Rearrange comparisons for durable-rules: a property on the left, any other term on the right."""

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
    """Compare two sums by the sign of their difference. This is exact even for doubles, since none comes close to the limits
    where the difference of unequal numbers is zero or undefined."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return ALWAYS if _RUN[sign](left.value, right.value) else NEVER
    if isinstance(left, Slot):
        return one(Test(left, sign, right))
    if isinstance(right, Slot):
        return one(Test(right, _MIRRORED[sign], left))
    return one(Test(ZERO, sign, arithmetic("-", right, left)))
