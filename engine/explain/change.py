"""A change of one fact, or of a field of one, and the paths that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.model import Fact

NOW = "now"


@dataclass(frozen=True)
class Change:
    """A change of one fact or of a field of one. `kind` is set, add or remove; `value` is the new value or the list item.

    `because` is the name of the condition that suggested the change, if it has one. The fact `now` stands for waiting.
    """

    fact: str
    kind: str
    value: Any
    because: str | None

    def apply(self, facts: dict[str, Any]) -> dict[str, Any]:
        name, _, field = self.fact.partition(".")
        if self.kind == "set":
            return {**facts, name: {**facts[name], field: self.value} if field else self.value}
        items = facts[self.fact] or ()
        if self.kind == "add":
            return {**facts, self.fact: [*items, self.value]}
        return {**facts, self.fact: [item for item in items if item != self.value]}


def fact_at(path: str) -> str:
    """The name of the fact in a path such as `seller` or `seller.level`."""
    return path.partition(".")[0]


def type_at(path: str, facts: Mapping[str, Fact]) -> Type:
    name, _, field = path.partition(".")
    type_ = facts[name].type.field(field) if field else facts[name].type
    assert type_ is not None
    return type_


def value_at(path: str, facts: Mapping[str, Any]) -> Any:
    """The value at a path; also None if the record is null."""
    name, _, field = path.partition(".")
    return facts[name][field] if field and facts[name] is not None else facts[name]


def path_of(node: t.Typed) -> str | None:
    """The path of a node that can be changed: a fact, a field of one, or `now`."""
    match node:
        case t.FactRef(name=name):
            return name
        case t.Field(record=t.FactRef(name=record), name=name):
            return f"{record}.{name}"
        case t.Now():
            return NOW
        case (
            t.Const() | t.ParameterRef() | t.ConditionRef() | t.Variable() | t.Field() | t.Row() | t.Not() | t.And() | t.Or()
            | t.IsNull() | t.Compare() | t.In() | t.ListOf() | t.Sum() | t.Product() | t.IfElse() | t.Quantifier() | t.Apply()
        ):  # fmt: skip
            return None
        case _:
            assert_never(node)
