"""A policy as written: names and values are parsed, conditions are still text. Each part keeps its position in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from documents.nodes import Node, Scalar
from engine.expression.types import Type
from engine.expression.values import format_value

Value = None | bool | int | float | str | tuple["Value", ...]
"""A value of a fact or parameter inside the engine. Timestamps and durations are integer microseconds."""

Hit = Literal["first", "worst", "unique"]
"""Which of the applicable rules decides: the first, the most restrictive, or the only one."""
Status = Literal["conflict", "forbidden"]
"""Whether a refusal is due to the current state or to the caller."""
OBLIGATIONS: Final = ("complete_order", "lock_chat", "queue_review", "hold", "show_support")
"""The obligations of a policy that does not declare its own."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`private`: never appears in logs or messages. `show`: the party concerned may see it. `fixed`: nobody can change it."""

    name: str
    type: Type
    node: Node
    private: bool = False
    show: bool = False
    fixed: bool = False
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Typed columns, and rows in order. `key` names the columns that identify a row."""

    columns: tuple[tuple[str, Type], ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_nodes: tuple[Node, ...]
    unread: bool = False
    """Whether a row has a problem, so that a key without a row may be no mistake."""

    def named(self, row: tuple[Value, ...]) -> dict[str, Value]:
        """The cells of a row by column name."""
        return {name: value for (name, _), value in zip(self.columns, row, strict=True)}

    def row_key(self, row: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(v for (name, _), v in zip(self.columns, row, strict=True) if name in self.key)

    def row_name(self, row: tuple[Value, ...]) -> str:
        """The values of the key columns, such as `dispute/threat`."""
        cells = zip(self.columns, row, strict=True)
        return "/".join(format_value(v, type_) for (name, type_), v in cells if name in self.key)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A bounded scalar, a list of scalars, or a table."""

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
    """The text of a condition or message, and the scalar that contains it."""

    text: str
    node: Scalar


@dataclass(frozen=True, slots=True)
class ForEach:
    """One rule per row of the table `parameter`; conditions see the row as `variable`.

    `parameter` is empty if the table could not be read.
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
    """The values that the rule gives to outputs when it decides."""
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """The decision if no rule applies. The most permissive outcome needs `permit_because`."""

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
    """Computed from `value`. Without one, the deciding rule sets it, or it is `default`, which is null for an optional output."""

    name: str
    type: Type
    node: Node
    value: Text | None = None
    default: Value = None

    @property
    def is_set(self) -> bool:
        """Whether rules set its value."""
        return self.value is None


def version_number(version: int, revision: int) -> str:
    """Like `version 3`, or `version 3, revision 1`."""
    return f"version {version}, revision {revision}" if revision else f"version {version}"


@dataclass(frozen=True, slots=True)
class Policy:
    """One YAML document. `digest` identifies its text; moments are in microseconds since 1970, UTC."""

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
    """The obligations that its rules can place on the caller."""
    unread: frozenset[str] = frozenset()
    """Names whose declarations could not be read, which is already reported."""
    incomplete: bool = False
    """Whether a whole section could not be read, so that the names it declares are unknown."""
    values: Mapping[str, Text] = field(default_factory=dict)
    """Like conditions, but of any other plain type."""
    revision: int = 0
    """How many times its texts were corrected. A revision decides as the version did."""
    in_force_by: str | None = None
    """The fact whose moment chooses the version, if it is earlier than `now`."""
    effective_until: int | None = None
    withdrawn: str | None = None
    """Why it is never in force."""
    gap_because: str | None = None
    """Why no version follows when this one ends or is withdrawn."""

    @property
    def number(self) -> str:
        return version_number(self.version, self.revision)

    @property
    def finds_all(self) -> bool:
        """Whether evaluation looks for every rule that applies, not only the first."""
        return self.hit != "first"

    @property
    def named(self) -> Mapping[str, Text]:
        """Conditions and values: every name that stands for an expression."""
        return {**self.values, **self.conditions}
