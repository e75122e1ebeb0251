"""A policy as its owner wrote it: names and values read, conditions still text. Each part keeps its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from documents.nodes import Node, Scalar
from engine.expression.types import Type
from engine.expression.values import format_value

Value = None | bool | int | float | str | tuple["Value", ...]
"""A value of a fact or parameter inside the engine; timestamps and durations are whole microseconds."""

Hit = Literal["first", "worst", "unique"]
"""Which of the rules that apply decides: the first, the most restrictive, or the one that there is."""
Status = Literal["conflict", "forbidden"]
"""Whether a refusal is about the present state or about who asks."""
OBLIGATIONS: Final = ("complete_order", "lock_chat", "queue_review", "hold", "show_support")
"""Those of a policy that does not declare its own."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`private`: never in a log or message; `show`: the party concerned may see it; `fixed`: nobody can change it."""

    name: str
    type: Type
    node: Node
    private: bool = False
    show: bool = False
    fixed: bool = False
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Typed columns and rows in their order; `key` names the columns that tell rows apart."""

    columns: tuple[tuple[str, Type], ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_nodes: tuple[Node, ...]

    def named(self, row: tuple[Value, ...]) -> dict[str, Value]:
        """The cells of a row by the names of their columns."""
        return {name: value for (name, _), value in zip(self.columns, row, strict=True)}

    def row_key(self, row: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(v for (name, _), v in zip(self.columns, row, strict=True) if name in self.key)

    def row_name(self, row: tuple[Value, ...]) -> str:
        """The values of the key columns, such as `dispute/threat`."""
        cells = zip(self.columns, row, strict=True)
        return "/".join(format_value(v, type_) for (name, type_), v in cells if name in self.key)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A knob: a bounded scalar, a list of scalars, or a table."""

    name: str
    type: Type
    node: Node
    value: Value = None
    table: Table | None = None
    show: bool = False
    minimum: int | float | None = None
    maximum: int | float | None = None
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a condition or message, and the scalar that it was read from."""

    text: str
    node: Scalar


@dataclass(frozen=True, slots=True)
class ForEach:
    """One rule for each row of the table `parameter`; conditions see the row as `variable`.

    `parameter` is empty where the table could not be read.
    """

    variable: str
    parameter: str
    node: Node


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    then: str
    node: Node
    id_node: Node
    then_node: Node
    when: Text | None = None
    unless: Text | None = None
    for_each: ForEach | None = None
    message: Text | None = None
    obligations: tuple[str, ...] = ()
    source: str | None = None
    sets: Mapping[str, Text] = field(default_factory=dict)
    """The outputs that it gives a value where it decides."""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is decided when no rule applies; the most permissive outcome needs `permit_because`."""

    id: str
    then: str
    node: Node
    then_node: Node
    message: Text | None = None
    obligations: tuple[str, ...] = ()
    permit_because: str | None = None
    sets: Mapping[str, Text] = field(default_factory=dict)
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """Computed from `value`; without one the deciding rule sets it, or it is `default`: null for an optional output."""

    name: str
    type: Type
    node: Node
    value: Text | None = None
    default: Value = None

    @property
    def is_set(self) -> bool:
        """Whether rules give it its value."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Policy:
    """One YAML document. `digest` names its text; `effective_from` is in microseconds since 1970, UTC."""

    name: str
    version: int
    effective_from: int
    digest: str
    node: Node
    outcomes: tuple[str, ...]
    on_error: str
    otherwise: Otherwise
    hit: Hit = "first"
    owner: str | None = None
    summary: str | None = None
    source: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    conditions: Mapping[str, Text] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    obligations: tuple[str, ...] = OBLIGATIONS
    """Its closed list of what rules may oblige the caller to do."""
    unread: frozenset[str] = frozenset()
    """Names whose declaration could not be read, which was reported there."""
    incomplete: bool = False
    """Whether a whole section could not be read, so that nobody knows which names it declares."""
    values: Mapping[str, Text] = field(default_factory=dict)
    """Named like conditions, but of any other plain type."""

    @property
    def finds_all(self) -> bool:
        """Whether every rule that applies is looked for, and not only the first."""
        return self.hit != "first"

    @property
    def named(self) -> Mapping[str, Text]:
        """Conditions and values: whatever an expression may name and stands for its text."""
        return {**self.values, **self.conditions}
