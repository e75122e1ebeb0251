"""The typed tree: what a condition means, once every name and type is known. Compiler and reference both read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from engine.expression.syntax import Span
from engine.expression.types import Type

Value = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Typed:
    type: Type
    span: Span

    def children(self) -> Iterator[Typed]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Typed):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, Typed))

    def walk(self) -> Iterator[Typed]:
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Const(Typed):
    """A literal; timestamps and durations are whole microseconds."""

    value: Value


@dataclass(frozen=True, slots=True)
class FactRef(Typed):
    name: str


@dataclass(frozen=True, slots=True)
class ParameterRef(Typed):
    name: str


@dataclass(frozen=True, slots=True)
class ConditionRef(Typed):
    name: str


@dataclass(frozen=True, slots=True)
class Now(Typed):
    pass


@dataclass(frozen=True, slots=True)
class Variable(Typed):
    """The item that a quantifier looks at, or the row that a `for_each` rule is made for."""

    name: str


@dataclass(frozen=True, slots=True)
class Field(Typed):
    record: Typed
    name: str


@dataclass(frozen=True, slots=True)
class Not(Typed):
    operand: Typed


@dataclass(frozen=True, slots=True)
class And(Typed):
    operands: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Or(Typed):
    operands: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Typed):
    operand: Typed


@dataclass(frozen=True, slots=True)
class Compare(Typed):
    """`operator` is one of == != < <= > >=; both sides have one kind and are not null."""

    operator: str
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class In(Typed):
    """Membership in a list of scalars."""

    item: Typed
    container: Typed


@dataclass(frozen=True, slots=True)
class ListOf(Typed):
    """A list literal."""

    items: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Sum(Typed):
    """`left + right` or `left - right` of numbers, durations, or a timestamp and a duration."""

    operator: str
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class IfElse(Typed):
    condition: Typed
    then: Typed
    otherwise: Typed


@dataclass(frozen=True, slots=True)
class Quantifier(Typed):
    """`kind` is exists, all, exists_one, filter or map; `body` is evaluated for each item, bound to `variable`."""

    kind: str
    variable: str
    source: Typed
    body: Typed


@dataclass(frozen=True, slots=True)
class Apply(Typed):
    """A function of the closed table."""

    function: str
    args: tuple[Typed, ...]
