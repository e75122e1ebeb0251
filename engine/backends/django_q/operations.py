"""Arithmetic and functions on terms, and on values that depend on conditions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Final

from engine.backends.django_q.comparison import compare, double_of, total
from engine.backends.django_q.logic import Truth, all_of, opposite
from engine.backends.django_q.terms import Choice, Double, Known, Term, Unsupported
from engine.expression.functions import EXACT, FUNCTIONS
from engine.expression.types import Type

MAX_ALTERNATIVES: Final = 1_000
"""A value that depends on more conditions than this makes a query that no database plans well."""


def added(type_: Type, sign: str, left: Term, right: Term) -> Term:
    if Known(None) in (left, right):
        return Known(None)
    if isinstance(left, Known) and isinstance(right, Known):
        return Known(left.value + right.value if sign == "+" else left.value - right.value)
    if type_.kind == "double":
        one, other = double_of(left), double_of(right)
        return Double(one + other if sign == "+" else one - other)
    return total(left, right, 1 if sign == "+" else -1)


def multiplied(left: Term, right: Term) -> Term:
    if Known(None) in (left, right):
        return Known(None)
    if isinstance(left, Known) and isinstance(right, Known):
        return Known(left.value * right.value)
    if isinstance(left, Known):
        return total(Known(0), right, left.value)
    if isinstance(right, Known):
        return total(Known(0), left, right.value)
    raise Unsupported("to multiply two values of a row")


def applied(name: str, terms: tuple[Term, ...]) -> Term:
    if all(isinstance(term, Known) for term in terms):
        values = [term.value for term in terms if isinstance(term, Known)]
        return Known(None if None in values else FUNCTIONS[name].run(*values))
    if name in EXACT:
        raise Unsupported(f"to `{name}` a value of a row")
    raise Unsupported(f"`{name}` of a value of a row")


def lifted(function: Callable[..., Term], *choices: Choice) -> Choice:
    """Apply a function to every combination of alternatives."""
    found: list[tuple[Truth, Term]] = []
    for combination in product(*choices):
        guard = all_of(guard for guard, _ in combination)
        if guard is not False:
            found.append((guard, function(*(term for _, term in combination))))
    if len(found) > MAX_ALTERNATIVES:
        raise Unsupported(f"a value with more than {MAX_ALTERNATIVES:,} alternatives")
    return tuple(found)


def chosen(name: str, one: Choice, other: Choice) -> Choice:
    """The smaller or the greater of two."""
    found: list[tuple[Truth, Term]] = []
    for (g, a), (h, b) in product(one, other):
        first = compare("<=" if name == "min" else ">=", a, b)
        found += [(all_of([g, h, first]), a), (all_of([g, h, opposite(first)]), b)]
    return tuple((guard, term) for guard, term in found if guard is not False)
