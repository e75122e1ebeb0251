"""The values of expressions: known ones, and those that the database computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.backends.django_q.logic import Truth
from engine.backends.django_q.sources import Rows
from engine.expression.types import Type


class Unsupported(Exception):
    """What a queryset cannot express. The text completes the sentence "the rule needs …"."""

    node: object = None
    """The part of the tree that needs it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value in the engine's representation."""

    value: Any


@dataclass(frozen=True, slots=True)
class Bool:
    truth: Truth
    null: Truth = False


@dataclass(frozen=True, slots=True)
class Summand:
    """`factor` times an expression of Django. `kind` is that of its type."""

    expression: Any
    kind: str
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Number:
    """An int, a timestamp or a duration: the sum of the summands and the constant, in the smallest unit."""

    summands: tuple[Summand, ...]
    constant: int = 0
    null: Truth = False


@dataclass(frozen=True, slots=True)
class Double:
    expression: Any
    null: Truth = False


@dataclass(frozen=True, slots=True)
class Text:
    """With `is_id`, the expression is an integer, and the value its text."""

    expression: Any
    is_id: bool = False
    null: Truth = False


Reader = Callable[[int], "Choice"]
"""Reads a value in a condition on rows of this depth: 0 is the queryset, and each list inside a list is one deeper."""


@dataclass(frozen=True, slots=True)
class Record:
    fields: Mapping[str, Reader]


@dataclass(frozen=True, slots=True)
class Listed:
    """Items that are known one by one; each has a condition that says whether it is in the list."""

    items: tuple[tuple[Callable[[int], Truth], Reader], ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Items that are rows of the database, of which `keeps` leaves some out."""

    rows: Rows
    item: Type
    depth: int
    keeps: tuple[Callable[[Reader, int], Truth], ...] = ()


Term = Known | Bool | Number | Double | Text | Record | Listed | Related
Choice = tuple[tuple[Truth, Term], ...]
"""Terms, each with the condition that it is the value. Exactly one of these conditions is true."""


def certainly(term: Term) -> Choice:
    return ((True, term),)
