"""Compares two terms. A column is compared with a constant wherever possible, so that the database can use an index."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, Final, assert_never

from django.db.models import (
    CharField,
    DateTimeField,
    DecimalField,
    DurationField,
    FloatField,
    IntegerField,
    Q,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from engine.backends.django_q.logic import Truth, all_of, any_of, opposite
from engine.backends.django_q.terms import (
    Bool,
    Double,
    Known,
    Listed,
    Number,
    Record,
    Related,
    Summand,
    Term,
    Text,
    Unsupported,
)
from engine.expression.quantity import to_datetime
from engine.expression.types import MAX_DURATION, SECOND

OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LOOKUPS: Final[dict[str, Any]] = {
    "==": Exact,
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
}
MIRRORED: Final = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
"""The texts of integers that every integer column can be compared with."""
MAX_COLUMN: Final = 2**63 - 1
FIRST_MOMENT: Final = -62_135_596_800 * SECOND
LAST_MOMENT: Final = 253_402_300_800 * SECOND - 1
"""The years 1 to 9999."""
NUMERIC: Final = DecimalField(max_digits=60, decimal_places=0)


def compare(sign: str, left: Term, right: Term) -> Truth:
    if sign == "!=":
        return opposite(compare("==", left, right))
    if isinstance(left, Known) and isinstance(right, Known):
        known = left.value is not None and right.value is not None
        return known and OPERATORS[sign](left.value, right.value)
    if _is_null(left) or _is_null(right):
        return False  # behind a guard, so that nothing reads the answer
    if isinstance(left, Known):
        return compare(MIRRORED[sign], right, left)
    match left:
        case Bool():
            return _same(left.truth, truth_of(right))
        case Number():
            return _compare_sums(sign, difference(left, right))
        case Double():
            return Q(LOOKUPS[sign](left.expression, double_of(right)))
        case Text():
            return _equal_texts(left, right)
        case Record() | Listed() | Related():
            raise AssertionError("the checker compares no lists and records")
        case _:
            assert_never(left)


def _is_null(term: Term) -> bool:
    return isinstance(term, Known) and term.value is None


def truth_of(term: Term) -> Truth:
    """A bool; what is null is behind a guard, so that nothing reads the answer."""
    if isinstance(term, Known):
        return term.value is True
    assert isinstance(term, Bool)
    return term.truth


def _same(one: Truth, other: Truth) -> Truth:
    return any_of([all_of([one, other]), all_of([opposite(one), opposite(other)])])


def double_of(term: Term) -> Any:
    if isinstance(term, Known):
        return Value(float(term.value), output_field=FloatField())
    assert isinstance(term, Double)
    return term.expression


def number_of(term: Term) -> Number:
    if isinstance(term, Known):
        return Number((), term.value)
    assert isinstance(term, Number)
    return term


def total(left: Term, right: Term, factor: int = 1) -> Number:
    """left + factor * right"""
    one, other = number_of(left), number_of(right)
    summands = list(one.summands)
    for new in other.summands:
        added = new.factor * factor
        same = next((i for i, s in enumerate(summands) if s.expression == new.expression), None)
        if same is None:
            summands.append(Summand(new.expression, new.kind, added))
        else:
            summands[same] = Summand(new.expression, new.kind, summands[same].factor + added)
    kept = tuple(summand for summand in summands if summand.factor)
    return Number(kept, one.constant + factor * other.constant)


def difference(left: Term, right: Term) -> Number:
    return total(left, right, -1)


def _compare_sums(sign: str, number: Number) -> Truth:
    """Compares a number with 0."""
    match number.summands:
        case ():
            return OPERATORS[sign](number.constant, 0)
        case (one,):
            return _compare_one(sign, one, -number.constant)
        case (one, other) if {one.factor, other.factor} == {1, -1} and one.kind == other.kind != "int":
            more, less = (one, other) if one.factor == 1 else (other, one)
            return _compare_two(sign, more, less, -number.constant)
    if any(summand.kind != "int" for summand in number.summands):
        raise Unsupported("to calculate with several moments or durations of a row")
    left = reduce(operator.add, (_numeric(s) for s in number.summands))
    return Q(LOOKUPS[sign](left, Value(Decimal(-number.constant), output_field=NUMERIC)))


def _numeric(summand: Summand) -> Any:
    """Without overflow, which on PostgreSQL is an error, even in a row whose facts are invalid."""
    expression = Cast(summand.expression, NUMERIC)
    if summand.factor == 1:
        return expression
    return expression * Value(Decimal(summand.factor), output_field=NUMERIC)


def _compare_one(sign: str, summand: Summand, constant: int) -> Truth:
    """factor * column, compared with a constant."""
    factor = summand.factor
    if factor < 0:
        sign, factor, constant = MIRRORED[sign], -factor, -constant
    quotient, rest = divmod(constant, factor)
    if rest:
        if sign == "==":
            return False
        # No whole number is between the quotient and the exact bound.
        sign, quotient = ("<=", quotient) if sign in ("<", "<=") else (">", quotient)
    return Q(LOOKUPS[sign](summand.expression, _constant(summand.kind, quotient)))


def _compare_two(sign: str, more: Summand, less: Summand, constant: int) -> Truth:
    if constant == 0:
        return Q(LOOKUPS[sign](more.expression, less.expression))
    if more.kind == "timestamp":
        return Q(LOOKUPS[sign](more.expression - less.expression, _constant("duration", constant)))
    raise Unsupported("to calculate with several durations of a row")


def _constant(kind: str, value: int) -> Value:
    """A constant outside the range of columns is moved to its end, which compares in the same way."""
    if kind == "timestamp":
        return Value(to_datetime(_clamp(value, FIRST_MOMENT, LAST_MOMENT)), output_field=DateTimeField())
    if kind == "duration":
        most = 2 * MAX_DURATION
        return Value(timedelta(microseconds=_clamp(value, -most, most)), output_field=DurationField())
    return Value(_clamp(value, -MAX_COLUMN, MAX_COLUMN), output_field=IntegerField())


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def _equal_texts(left: Text, right: Term) -> Truth:
    if isinstance(right, Known):
        if left.is_id:
            if not INTEGER.fullmatch(right.value):
                return False
            return Q(Exact(left.expression, Value(int(right.value), output_field=IntegerField())))
        if "\0" in right.value:
            return False  # no text has it, and PostgreSQL takes no such parameter
        return Q(Exact(left.expression, Value(right.value, output_field=CharField())))
    assert isinstance(right, Text)
    if left.is_id == right.is_id:
        return Q(Exact(left.expression, right.expression))
    return Q(Exact(as_text(left), as_text(right)))


def as_text(term: Text) -> Any:
    return Cast(term.expression, TextField()) if term.is_id else term.expression
