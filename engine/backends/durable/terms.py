"""What durable-rules can test about one fact: alternatives, each a conjunction of tests of properties.

A test of an absent property is false, and so is its negation. Evaluation does not rely on either, since the checker has proved
that a null check comes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal as Words

from engine.expression.typed import Typed
from engine.policy.model import Value


class Unfaithful(Exception):
    """durable-rules cannot express a part of a rule with the same meaning; the text says what, and `node` where."""

    node: Typed | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """The source of facts: one fact for all facts of a decision, or one per item of the list `source`.

    A nested search has one fact for each pair of outer and inner item.
    """

    depth: int = 0
    parent: Level | None = None
    source: Slot | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A property. `name` is a declared fact, a field of a fact (`seller.level`) or of an item, or empty for a scalar item.

    `holds` is the answer to a question, and `count` the number of items for which a question is true.
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
    """`kind` distinguishes 1, 1.0 and true, which are equal in Python."""

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
"""Alternatives: true if every literal of at least one is true."""

NEVER: Terms = ()
ALWAYS: Terms = (frozenset(),)
TRUE = constant(True)
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def one(literal: Literal) -> Terms:
    return (frozenset([literal]),)


def any_of(alternatives: Iterable[Terms]) -> Terms:
    terms = tuple(dict.fromkeys(itertools.chain.from_iterable(alternatives)))
    return ALWAYS if ALWAYS[0] in terms else terms


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
