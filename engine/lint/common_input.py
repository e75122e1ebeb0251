"""Find an input for which several conditions hold by trying the values that they compare with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any

from engine.backends.reference import environment, evaluate
from engine.explain.change import type_at
from engine.explain.plain_values import plain_value
from engine.expression import typed as t
from engine.expression.quantity import format_timestamp
from engine.expression.types import DAY, MAX_DOUBLE, MAX_INT, MAX_TIMESTAMP, Type
from engine.expression.values import format_value
from engine.policy.validated import ValidatedPolicy

MAX_TRIED = 4_000
MAX_VALUES = 24
Condition = tuple[t.Typed | None, Mapping[str, Any]]
"""A condition and the row that it reads."""


def common_input(validated: ValidatedPolicy, conditions: Sequence[Condition]) -> str | None:
    """An input such as `{age: 18, risk: low}` for which all conditions hold, limited to what they read; None if none is found."""
    nodes = [n for tree, _ in conditions if tree is not None for n in _written_out(tree, validated)]
    now = max(validated.policy.effective_from, DAY * 365)
    base = {name: plain_value(fact.type, now) for name, fact in validated.policy.facts.items()}
    read = {
        path: type_ for n in nodes if (path := _path(n)) for type_ in [type_at(path, validated.policy.facts)]
    }
    constants = _constants(nodes, validated, conditions)
    choices = [[(path, value) for value in _values(type_, constants, now)] for path, type_ in read.items()]
    for chosen in islice(product(*choices), MAX_TRIED):
        facts = _with(base, chosen)
        env = environment(validated, facts, now)
        if all(tree is None or evaluate(tree, replace(env, variables=row)) for tree, row in conditions):
            shown = [f"{path}: {_shown(value, read[path])}" for path, value in chosen]
            if any(isinstance(n, t.Now) for n in nodes):
                shown.append(f"now: {format_timestamp(now)}")
            return "{" + ", ".join(shown) + "}"
    return None


def _written_out(tree: t.Typed, validated: ValidatedPolicy) -> Iterator[t.Typed]:
    for node in tree.walk():
        yield node
        if isinstance(node, t.ConditionRef):
            yield from _written_out(validated.conditions[node.name], validated)


def _path(node: t.Typed) -> str | None:
    if isinstance(node, t.Field) and isinstance(node.record, t.FactRef):
        return f"{node.record.name}.{node.name}"
    return node.name if isinstance(node, t.FactRef) and node.type.kind not in ("list", "record") else None


def _with(base: Mapping[str, Any], chosen: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    facts = dict(base)
    for path, value in chosen:
        name, _, field = path.partition(".")
        facts[name] = {**facts[name], field: value} if field else value
    return facts


def _constants(
    nodes: list[t.Typed], validated: ValidatedPolicy, conditions: Sequence[Condition]
) -> dict[str, list[Any]]:
    """The constants that conditions compare with, by kind."""
    constants: dict[str, list[Any]] = {}
    for node in nodes:
        if isinstance(node, t.Const) and node.value is not None:
            constants.setdefault(node.type.kind, []).append(node.value)
        elif isinstance(node, t.ParameterRef):
            value = validated.policy.parameters[node.name].value
            kind = node.type.kind if node.type.item is None else node.type.item.kind
            constants.setdefault(kind, []).extend(value if isinstance(value, tuple) else [value])
        elif isinstance(node, t.Field) and isinstance(node.record, t.Variable):
            cells = (row[node.record.name] for _, row in conditions if node.record.name in row)
            constants.setdefault(node.type.kind, []).extend(cell[node.name] for cell in cells)
    return constants


def _values(type_: Type, constants: Mapping[str, list[Any]], now: int) -> list[Any]:
    """The distinct values worth trying: those around the constants, and a plain one."""
    values: list[Any] = [plain_value(replace(type_, optional=False), now)]
    match type_.kind:
        case "bool":
            values = [False, True]
        case "enum":
            values = list(type_.members)
        case "string":
            values += constants.get("string", [])
        case "int" | "decimal" | "duration":
            values += [v + step for v in constants.get(type_.kind, []) for step in (0, 1, -1)]
        case "double":
            for value in constants.get("double", []):
                values += [value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf)]
        case "timestamp":
            ends = [0, *constants.get("duration", [])]
            around = [now, *constants.get("timestamp", [])]
            values += [
                at + sign * span + step
                for at in around
                for span in ends
                for sign in (1, -1)
                for step in (0, 1, -1)
            ]
    within = [v for v in dict.fromkeys(values) if _fits(v, type_)]
    return [*within[:MAX_VALUES], *([None] if type_.optional else [])]


_ENDS = {"int": (-MAX_INT, MAX_INT), "decimal": (-MAX_INT, MAX_INT), "double": (-MAX_DOUBLE, MAX_DOUBLE)}


def _fits(value: Any, type_: Type) -> bool:
    low, high = _ENDS.get(type_.kind, (0, MAX_TIMESTAMP))
    ordered = type_.kind in ("int", "decimal", "double", "duration", "timestamp")
    return not ordered or (low <= value <= high and type_.within(value))


def _shown(value: Any, type_: Type) -> str:
    if value is None:
        return "null"
    shown = format_value(value, type_)
    return f'"{shown}"' if type_.kind == "string" else shown
