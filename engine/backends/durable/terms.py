"""What durable-rules can be asked of one fact: tests of its properties, as alternatives of tests that all hold.

A test of a property that is absent does not hold, nor does its negation. Evaluation never relies on either, since the checker
has proved that a test against null stands before it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal as Words

from engine.expression.typed import Typed
from engine.policy.model import Value


class Unfaithful(Exception):
    """What a rule says cannot be said to durable-rules with the same meaning; the text says what, `node` where."""

    node: Typed | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """Where facts come from: the facts of a decision as one, or one for each item of the list `source`.

    Items of a list that is searched inside a search are one fact for each item of both.
    """

    depth: int = 0
    parent: Level | None = None
    source: Slot | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A property. `name` is a declared fact, a field of one (`seller.level`) or of an item, or empty for a plain item.

    `holds` is the answer to a question, and `count` the number of items of a list of which a question holds.
    """

    level: Level
    name: str = ""
    nullable: bool = False
    functions: tuple[str, ...] = ()
    source: Words["value", "size", "now", "zero", "holds", "count"] = "value"
    question: int = 0


ROOT = Level()
ZERO = Slot(ROOT, source="zero")


@dataclass(frozen=True, slots=True)
class Constant:
    """`kind` keeps 1, 1.0 and true apart, which Python takes for equal."""

    value: Value
    kind: str


def constant(value: Value) -> Constant:
    return Constant(value, type(value).__name__)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Operand
    right: Operand


Operand = Constant | Slot | Arithmetic


@dataclass(frozen=True, slots=True)
class Test:
    slot: Slot
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Present:
    slot: Slot


@dataclass(frozen=True, slots=True)
class Absent:
    slot: Slot


Literal = Test | Present | Absent
Term = frozenset[Literal]
Terms = tuple[Term, ...]
"""Alternatives: they hold where every literal of one of them does."""

NEVER: Terms = ()
ALWAYS: Terms = (frozenset(),)
TRUE = constant(True)
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def one(literal: Literal) -> Terms:
    return (frozenset([literal]),)


def any_of(alternatives: Iterable[Terms]) -> Terms:
    found = tuple(dict.fromkeys(itertools.chain.from_iterable(alternatives)))
    return ALWAYS if ALWAYS[0] in found else found


def complement(literal: Literal) -> Literal:
    match literal:
        case Test(slot=slot, operator=operator, operand=operand):
            return Test(slot, NEGATED[operator], operand)
        case Present(slot=slot):
            return Absent(slot)
        case Absent(slot=slot):
            return Present(slot)


def slots_in(part: Operand | Literal) -> Iterator[Slot]:
    match part:
        case Slot():
            yield part
        case Present(slot=slot) | Absent(slot=slot):
            yield slot
        case Arithmetic(left=left, right=right):
            yield from slots_in(left)
            yield from slots_in(right)
        case Test(slot=slot, operand=operand):
            yield slot
            yield from slots_in(operand)


def slots_of(terms: Terms) -> Iterator[Slot]:
    for term in terms:
        for literal in term:
            yield from slots_in(literal)
