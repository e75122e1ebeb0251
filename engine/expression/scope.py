"""What a condition can name, and which optional values are known not to be null at this point of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from engine.expression import typed as t
from engine.expression.types import BOOL, Type

Path = tuple[str, ...]
"""A fact by name, a variable, or a field of one: ("fact", "closed_at"), ("var", "x"), ("var", "c", "sent_at")."""
Known = frozenset[Path]
NOTHING: Known = frozenset()


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """Which paths are not null when a condition holds, and when it does not. Of a named value: its type and its sums."""

    if_true: Known = NOTHING
    if_false: Known = NOTHING
    type: Type = BOOL
    sums: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    facts: Mapping[str, Type]
    parameters: Mapping[str, Type]
    conditions: Mapping[str, NamedCondition]
    variables: Mapping[str, Type] = field(default_factory=dict)
    known: Known = NOTHING
    doubtful: bool = False
    """Whether something before has a problem, so that more may be known than `known` says."""

    def knowing(self, paths: Known) -> Scope:
        return replace(self, known=self.known | paths)

    def binding(self, name: str, type_: Type) -> Scope:
        known = frozenset(p for p in self.known if p[:2] != ("var", name))
        return replace(self, variables={**self.variables, name: type_}, known=known)

    def names(self) -> set[str]:
        return {*self.facts, *self.parameters, *self.conditions, *self.variables, "now"}

    def taken(self, name: str) -> bool:
        return name in self.names()


def path_of(node: t.Typed) -> Path | None:
    if isinstance(node, t.FactRef):
        return ("fact", node.name)
    if isinstance(node, t.Variable):
        return ("var", node.name)
    if isinstance(node, t.ConditionRef):
        return ("named", node.name)
    if isinstance(node, t.Field) and isinstance(node.record, t.Variable):
        return ("var", node.record.name, node.name)
    return None


def consequences(node: t.Typed, conditions: Mapping[str, NamedCondition]) -> tuple[Known, Known]:
    """The paths that are not null when `node` is true, and when it is false."""
    match node:
        case t.IsNull(operand=operand):
            path = path_of(operand)
            return NOTHING, frozenset([path]) if path else NOTHING
        case t.Not(operand=operand):
            if_true, if_false = consequences(operand, conditions)
            return if_false, if_true
        case t.And(operands=operands):
            pairs = [consequences(o, conditions) for o in operands]
            return frozenset().union(*(true for true, _ in pairs)), frozenset.intersection(
                *(false for _, false in pairs)
            )
        case t.Or(operands=operands):
            pairs = [consequences(o, conditions) for o in operands]
            return frozenset.intersection(*(true for true, _ in pairs)), frozenset().union(
                *(false for _, false in pairs)
            )
        case t.ConditionRef(name=name):
            named = conditions.get(name, NamedCondition())
            return named.if_true, named.if_false
        case (
            t.Const() | t.FactRef() | t.ParameterRef() | t.Now() | t.Variable() | t.Field() | t.Compare() | t.In() | t.ListOf()
            | t.Sum() | t.IfElse() | t.Quantifier() | t.Apply()
        ):  # fmt: skip
            return NOTHING, NOTHING
        case _:
            assert_never(node)
