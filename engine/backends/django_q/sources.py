"""Where the facts of a policy come from: columns, conditions and related rows of a queryset, or plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

Source = Any
"""One of these:

- `F`: a column of the fact's type; `Id`: an integer column that the facts show as text;
- `Q`: a bool fact, computed by the database; never null;
- `Rows`: a list fact;
- a mapping for a record fact, with a source for each field;
- any other value: the fact itself, as the engine takes it.
"""


@dataclass(frozen=True, slots=True)
class Id:
    """An integer column that the facts show as text, such as a primary key."""

    column: str


@dataclass(frozen=True, slots=True)
class Part:
    """Items of a list fact, one for each of these rows. The queryset refers to the row around it by `OuterRef`.

    `item` is a mapping of fields to sources, or the source of the item itself. `at_most` promises that there are no more rows.
    """

    rows: QuerySet[Any]
    item: Source
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A list fact: the items of all parts. The engine knows no order of items, except to report errors."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """A plain value that is only known later. `check` uses it, and nothing runs a query with it."""


def column_of(source: Source) -> str | None:
    """The name of the column, if the source is one."""
    if isinstance(source, Id):
        return source.column
    name: str | None = getattr(source, "name", None) if isinstance(source, F) else None
    return name


def is_plain(source: Source) -> bool:
    if isinstance(source, Mapping):
        return all(is_plain(each) for each in source.values())
    return not isinstance(source, F | Id | Q | Rows | Later)
