"""Conditions as formulas: literals joined by `All` and `AnyOf`, with negation pushed down to the literals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Term = int
"""A value known to the search only by its relations to others; 0 stands for the number zero."""
ZERO: Term = 0
Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Truth:
    """A proposition that is true or false: a boolean fact, a null check, a quantifier."""

    term: Term
    holds: bool

    def negated(self) -> Truth:
        return Truth(self.term, not self.holds)


@dataclass(frozen=True, slots=True)
class Order:
    """`left - right <= bound`, or `<` if `strict`. `whole` says that both are integers."""

    left: Term
    right: Term
    bound: Number
    strict: bool = False
    whole: bool = True

    def negated(self) -> Order:
        if self.whole:
            return Order(self.right, self.left, -self.bound - 1)
        return Order(self.right, self.left, -self.bound, not self.strict, False)


@dataclass(frozen=True, slots=True)
class Same:
    """Two texts are equal, or not; a string literal stands for itself."""

    left: Term | str
    right: Term | str
    holds: bool

    def negated(self) -> Same:
        return Same(self.left, self.right, not self.holds)


Literal = Truth | Order | Same


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Formula, ...]


Formula = bool | Truth | Order | Same | All | AnyOf


_WIDEST = 100
"""The maximum number of nested parts to inline, so that shared parts cannot multiply."""


def all_of(parts: list[Formula]) -> Formula:
    if any(p is False for p in parts):
        return False
    kept = [p for p in parts if p is not True]
    flat = tuple(q for p in kept for q in (p.parts if isinstance(p, All) else (p,)))
    joined = flat if len(flat) <= _WIDEST else tuple(kept)
    return joined[0] if len(joined) == 1 else All(joined) if joined else True


def any_of(parts: list[Formula]) -> Formula:
    if any(p is True for p in parts):
        return True
    kept = [p for p in parts if p is not False]
    flat = tuple(q for p in kept for q in (p.parts if isinstance(p, AnyOf) else (p,)))
    joined = flat if len(flat) <= _WIDEST else tuple(kept)
    return joined[0] if len(joined) == 1 else AnyOf(joined) if joined else False
