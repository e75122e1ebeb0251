"""The names that a condition can use, and which optional values are known not to be null at a given point in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import assert_never

from engine.expression import typed as t
from engine.expression.types import BOOL, Interval, Type

Path = tuple[str, ...]
"""A fact, a variable, a field or a row: ("fact", "closed_at"), ("var", "x"), ("var", "c", "sent_at")."""
Known = frozenset[Path]
NOTHING: Known = frozenset()


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """The paths that are not null when a condition is true, and when it is false. For a named value: its type, its number of
    sums, and its bounds.

    `missing` is for a value that is a row and may be null only because its table lacks a row: the table and the missing key.
    """

    if_true: Known = NOTHING
    if_false: Known = NOTHING
    type: Type = BOOL
    sums: int = 0
    missing: tuple[str, tuple[object, ...]] | None = None
    interval: Interval | None = None
    asks_for_bounds: bool = False
    numbers: tuple[tuple[str, Type], ...] = ()
    """For a named value: the facts and parameters that it computes with."""
    choices: tuple[object, ...] = ()
    """For a named value that has only a few possible values, such as `"low"` or `"high"`: all of them."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """What `table.row(…)` needs: the key columns, the type of a row, and the existing keys."""

    key: tuple[tuple[str, Type], ...]
    row: Type
    rows: frozenset[tuple[object, ...]]
    unread: bool = False
    """Whether there are rows that could not be read; no key is then reported as missing."""

    def missing(
        self, keys: Sequence[t.Typed], named: Mapping[str, NamedCondition]
    ) -> tuple[object, ...] | None:
        """A key without a row; None if there is none or there are too many keys to try."""
        choices = [choices_of(key, named) for key in keys]
        return next((key for key in product(*choices) if key not in self.rows), None)

    def complete(self, keys: Sequence[t.Typed], named: Mapping[str, NamedCondition]) -> bool:
        return self.unread or (
            all(choices_of(key, named) for key in keys) and self.missing(keys, named) is None
        )


def choices_of(node: t.Typed, named: Mapping[str, NamedCondition]) -> tuple[object, ...]:
    """Every possible value of an expression that has only a few; empty for any other."""
    if isinstance(node, t.Const):
        return () if node.value is None else (node.value,)
    if isinstance(node, t.IfElse):
        sides = choices_of(node.then, named), choices_of(node.otherwise, named)
        return tuple(dict.fromkeys(sides[0] + sides[1])) if all(sides) else ()
    if isinstance(node, t.ConditionRef) and named[node.name].choices:
        return named[node.name].choices
    return (False, True) if node.type.kind == "bool" else node.type.members


@dataclass(frozen=True, slots=True)
class Scope:
    facts: Mapping[str, Type]
    parameters: Mapping[str, Type]
    conditions: Mapping[str, NamedCondition]
    variables: Mapping[str, Type] = field(default_factory=dict)
    known: Known = NOTHING
    doubtful: bool = False
    """Whether an earlier part has a problem, so that more may be non-null than `known` says."""
    tables: Mapping[str, TableShape] = field(default_factory=dict)
    outputs: Mapping[str, bool] = field(default_factory=dict)
    """The outputs, which no expression can read, and whether rules set them."""

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
    if isinstance(node, t.Field):
        record = path_of(node.record)
        return None if record is None else (*record, node.name)
    if isinstance(node, t.Row):
        keys = [_key_path(key) for key in node.keys]
        return None if None in keys else ("row", node.table, *(str(key) for key in keys))
    return None


def _key_path(key: t.Typed) -> str | None:
    """Equal for two keys only if they always have the same value."""
    if isinstance(key, t.Const):
        return repr(key.value)
    if isinstance(key, t.Now):
        return "now"
    if isinstance(key, t.ParameterRef):
        return f"parameter {key.name}"
    path = path_of(key)
    return None if path is None else ".".join(path)


def divisor_path(node: t.Typed) -> Path | None:
    """The path under which `known` stores that a number is not zero."""
    if isinstance(node, t.Apply) and node.function == "size":
        path = path_of(node.args[0])
        return None if path is None else ("size", *path)
    path = path_of(node)
    return None if path is None else ("not zero", *path)


_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _not_zero(node: t.Compare, operator: str) -> Known:
    """The sides of a comparison with a constant that cannot be zero if the comparison holds."""
    sides = ((node.left, operator, node.right), (node.right, _MIRRORED[operator], node.left))
    paths = [divisor_path(one) for one, sign, other in sides if _excludes_zero(sign, other)]
    return frozenset(path for path in paths if path is not None)


def _excludes_zero(operator: str, other: t.Typed) -> bool:
    """Whether `0 <operator> other` is always false."""
    if other.type.kind not in ("int", "decimal"):
        return False
    low = -math.inf if other.type.minimum is None else other.type.minimum
    high = math.inf if other.type.maximum is None else other.type.maximum
    if isinstance(other, t.Const) and type(other.value) is int:
        low = high = other.value
    return {
        "==": low > 0 or high < 0,
        "!=": low == high == 0,
        "<": high <= 0,
        "<=": high < 0,
        ">": low >= 0,
        ">=": low > 0,
    }[operator]


def consequences(node: t.Typed, conditions: Mapping[str, NamedCondition]) -> tuple[Known, Known]:
    """The paths that are not null, or not zero, when `node` is true, and when it is false."""
    match node:
        case t.Compare():
            return _not_zero(node, node.operator), _not_zero(node, _NEGATED[node.operator])
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
            return conditions[name].if_true, conditions[name].if_false
        case (
            t.Const() | t.FactRef() | t.ParameterRef() | t.Now() | t.Variable() | t.Field() | t.Row() | t.In()
            | t.ListOf() | t.Sum() | t.Product() | t.IfElse() | t.Quantifier() | t.Apply()
        ):  # fmt: skip
            return NOTHING, NOTHING
        case _:
            assert_never(node)
