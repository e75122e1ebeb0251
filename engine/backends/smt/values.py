"""The values that an expression can have, as terms: scalars, records and lists, each of which may be null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.backends.smt.terms import ListName, Term
from engine.expression.types import Type


@dataclass(frozen=True, slots=True)
class Scalar:
    """`term` is None for the literal `null`."""

    null: Term
    term: Term | None


@dataclass(frozen=True, slots=True)
class Record:
    null: Term
    fields: Mapping[str, Symbol]


@dataclass(frozen=True, slots=True)
class Part:
    """Items of a list: one, or with `of` all those of a list of the facts, at the depth of the quantifier that reads them.

    `value` is in the list if `guard` holds.
    """

    guard: Term
    value: Symbol
    of: ListName | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    null: Term
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A list of the facts, before a quantifier reads it. `extra` are further items of it."""

    null: Term
    of: ListName
    item: Type
    extra: tuple[Symbol, ...] = ()


Symbol = Scalar | Record | Items | Source
