"""The typed tree: a condition with every name and type resolved. Every backend reads it.

`Typed` is a closed union. A `match` over it covers every kind and ends in `assert_never`, so that the type checker finds each
place that does not handle a new kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from engine.expression.functions import QuantifierKind
from engine.expression.syntax import Span
from engine.expression.types import Type

Value = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Node:
    """The base class of all nodes. In annotations, use `Typed`."""

    type: Type
    span: Span

    def children(self) -> Iterator[Typed]:
        for name in self.__match_args__:
            value = getattr(self, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield cast("Typed", part)

    def walk(self) -> Iterator[Typed]:
        yield cast("Typed", self)
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A literal; timestamps and durations are whole microseconds, decimals whole units."""

    value: Value
    written: str | None = None
    """The spelling of a number with a decimal point."""


@dataclass(frozen=True, slots=True)
class FactRef(Node):
    name: str


@dataclass(frozen=True, slots=True)
class ParameterRef(Node):
    name: str


@dataclass(frozen=True, slots=True)
class ConditionRef(Node):
    """A named condition, or a named value if the type is not bool."""

    name: str


@dataclass(frozen=True, slots=True)
class Now(Node):
    pass


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """The loop variable of a quantifier, or the row variable of a `for_each` rule."""

    name: str


@dataclass(frozen=True, slots=True)
class Field(Node):
    record: Typed
    name: str


@dataclass(frozen=True, slots=True)
class Row(Node):
    """The row of a table whose key columns have these values; null if there is none."""

    table: str
    keys: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Typed


@dataclass(frozen=True, slots=True)
class And(Node):
    operands: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    operand: Typed


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`operator` is one of == != < <= > >=. Both sides have the same kind and are not null."""

    operator: str
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class In(Node):
    """Membership in a list of scalars."""

    item: Typed
    container: Typed


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """A list literal."""

    items: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """`left + right` or `left - right` of numbers, durations, or a timestamp and a duration."""

    operator: str
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class Product(Node):
    """`left * right` of ints and decimals. Units are multiplied, so the result has the places of both sides added together."""

    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class IfElse(Node):
    condition: Typed
    then: Typed
    otherwise: Typed


@dataclass(frozen=True, slots=True)
class Quantifier(Node):
    """`body` is evaluated for each item, bound to `variable`."""

    kind: QuantifierKind
    variable: str
    source: Typed
    body: Typed


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A call of one of the built-in functions.

    Here, the arguments of `divide(a, b, places, mode)` are a, b, the number of places to shift a by, and the mode; those of
    `round(a, places, mode)` are a, the number of places to cut, and the mode.
    """

    function: str
    args: tuple[Typed, ...]


Typed = (
    Const
    | FactRef
    | ParameterRef
    | ConditionRef
    | Now
    | Variable
    | Field
    | Row
    | Not
    | And
    | Or
    | IsNull
    | Compare
    | In
    | ListOf
    | Sum
    | Product
    | IfElse
    | Quantifier
    | Apply
)
