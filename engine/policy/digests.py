"""Two digests of a version: of its meaning, which no revision may change, and of its text.

Both are SHA-256 of canonical JSON: UTF-8, keys in code point order, no spaces, whole numbers in decimal. A double is
`{"double": …}` with the 16 hexadecimal digits of its IEEE 754 bytes, highest first. docs/versions.md describes the parts.
INVARIANT: the bytes of a text never change, on any machine, Python version or release of Comity: locks keep the digests.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from documents import nodes
from engine.expression import typed as t
from engine.expression.types import Type
from engine.policy.messages import Part, Place
from engine.policy.model import Fact, Otherwise, Output, Parameter, Policy, Rule
from engine.policy.validated import TypedRule, ValidatedPolicy

LIFE = frozenset(["revision", "effective_until", "withdrawn", "gap_because"])
"""The keys that change while a version is released. Neither digest covers them."""


def meaning_digest(validated: ValidatedPolicy) -> str:
    return _digest(meaning_bytes(validated))


def text_digest(policy: Policy) -> str:
    """Covers every key and value of a version, but neither comments nor layout nor the keys in LIFE."""
    return _digest(text_bytes(policy))


def meaning_bytes(validated: ValidatedPolicy) -> bytes:
    return _canonical(meaning(validated))


def meaning(validated: ValidatedPolicy) -> dict[str, Any]:
    """Everything of a version that a decision, an explanation or a person who may see facts can depend on, without texts."""
    policy = validated.policy
    named = validated.conditions
    return {
        "format": "comity meaning 1",
        "policy": policy.name,
        "version": policy.version,
        "effective_from": policy.effective_from,
        "in_force_by": policy.in_force_by,
        "outcomes": policy.outcomes,
        "on_error": policy.on_error,
        "hit": policy.hit,
        "obligations": policy.obligations,
        "facts": [_fact(fact) for fact in policy.facts.values()],
        "parameters": [_parameter(parameter) for parameter in policy.parameters.values()],
        "values": {name: tree_meaning(named[name]) for name in policy.values},
        "conditions": {name: tree_meaning(named[name]) for name in policy.conditions},
        "rules": [_rule(rule) for rule in validated.rules],
        "otherwise": _answer(policy.otherwise, validated.otherwise_message, validated.otherwise_sets),
        "outputs": [_output(output, validated.outputs) for output in policy.outputs.values()],
    }


def text_bytes(policy: Policy) -> bytes:
    node = policy.node
    entries = node.entries if isinstance(node, nodes.Mapping) else []
    return _canonical({key.text: _plain(value) for key, value in entries if key.text not in LIFE})


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def _plain(node: nodes.Node) -> Any:
    """A part of a document as data."""
    match node:
        case nodes.Scalar():
            return _scalar(node.value, "double" if isinstance(node.value, float) else "")
        case nodes.Sequence():
            return [_plain(item) for item in node.items]
        case nodes.Mapping():
            return {key.text: _plain(value) for key, value in node.entries}
    raise TypeError(type(node).__name__)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "double" and value is not None:
        return {"double": struct.pack(">d", value).hex()}
    return value


def _value(value: Any, type_: Type) -> Any:
    """A value in the engine's representation: microseconds, whole units, items and fields in order."""
    if isinstance(value, tuple):
        return [_value(item, type_.item or type_) for item in value]
    return _scalar(value, type_.kind)


def type_meaning(type_: Type) -> dict[str, Any]:
    """What a type declares. A key is left out where the type has no such part."""
    parts: dict[str, Any] = {"kind": type_.kind}
    if type_.optional:
        parts["optional"] = True
    if type_.kind == "enum":
        parts["members"] = type_.members
    if type_.kind == "string":
        parts["max_length"] = type_.max_length
    if type_.kind == "decimal":
        parts["scale"] = type_.scale
    if type_.item is not None:
        parts |= {"item": type_meaning(type_.item), "max_items": type_.max_items}
    if type_.kind == "record":
        parts["fields"] = [[name, type_meaning(field)] for name, field in type_.fields]
    return parts | _bounds(type_.minimum, type_.maximum, type_)


def _bounds(minimum: float | None, maximum: float | None, type_: Type) -> dict[str, Any]:
    given = {"min": minimum, "max": maximum}
    return {key: _value(bound, type_) for key, bound in given.items() if bound is not None}


def _fact(fact: Fact) -> list[Any]:
    marks = [mark for mark in ("private", "show", "fixed") if getattr(fact, mark)]
    return [fact.name, type_meaning(fact.type), marks]


def _parameter(parameter: Parameter) -> list[Any]:
    shown = ["show"] if parameter.show else []
    table = parameter.table
    if table is None:
        bounds = _bounds(parameter.minimum, parameter.maximum, parameter.type)
        return [
            parameter.name,
            type_meaning(parameter.type),
            shown,
            bounds,
            _value(parameter.value, parameter.type),
        ]
    columns = [[name, type_meaning(type_)] for name, type_ in table.columns]
    types = [type_ for _, type_ in table.columns]
    rows = [[_value(cell, type_) for cell, type_ in zip(row, types, strict=True)] for row in table.rows]
    return [parameter.name, {"table": columns, "key": table.key}, shown, rows]


def _output(output: Output, trees: Mapping[str, t.Typed]) -> list[Any]:
    if output.name in trees:
        return [output.name, type_meaning(output.type), {"value": tree_meaning(trees[output.name])}]
    return [output.name, type_meaning(output.type), {"default": _value(output.default, output.type)}]


def _rule(rule: TypedRule) -> dict[str, Any]:
    each = rule.rule.for_each
    return _answer(rule.rule, rule.message, rule.sets) | {
        "for_each": None if each is None else [each.variable, each.parameter],
        "when": None if rule.when is None else tree_meaning(rule.when),
        "unless": None if rule.unless is None else tree_meaning(rule.unless),
    }


def _answer(part: Rule | Otherwise, message: Iterable[Part], sets: Mapping[str, t.Typed]) -> dict[str, Any]:
    return {
        "id": part.id,
        "then": part.then,
        "status": part.status,
        "obligations": part.obligations,
        "set": {name: tree_meaning(tree) for name, tree in sets.items()},
        "quotes": sorted({(p.kind, p.name) for p in message if isinstance(p, Place)}),
    }


def tree_meaning(node: t.Typed) -> list[Any]:
    match node:
        case t.Const(type=type_, value=value):
            kind = "string" if type_.kind == "enum" else type_.kind
            scale = [type_.scale] if kind == "decimal" else []
            return ["const", kind, *scale, _scalar(value, kind)]
        case t.FactRef(name=name):
            return ["fact", name]
        case t.ParameterRef(name=name):
            return ["parameter", name]
        case t.ConditionRef(name=name):
            return ["named", name]
        case t.Now():
            return ["now"]
        case t.Variable(name=name):
            return ["variable", name]
        case t.Field(record=record, name=name):
            return ["field", tree_meaning(record), name]
        case t.Row(table=table, keys=keys):
            return ["row", table, *map(tree_meaning, keys)]
        case t.Not(operand=operand):
            return ["not", tree_meaning(operand)]
        case t.And(operands=operands):
            return ["and", *map(tree_meaning, operands)]
        case t.Or(operands=operands):
            return ["or", *map(tree_meaning, operands)]
        case t.IsNull(operand=operand):
            return ["is-null", tree_meaning(operand)]
        case t.Compare(operator=sign, left=left, right=right):
            return ["compare", sign, tree_meaning(left), tree_meaning(right)]
        case t.In(item=item, container=container):
            return ["in", tree_meaning(item), tree_meaning(container)]
        case t.ListOf(items=items):
            return ["list", *map(tree_meaning, items)]
        case t.Sum(operator=sign, left=left, right=right):
            return ["sum", sign, tree_meaning(left), tree_meaning(right)]
        case t.Product(left=left, right=right):
            return ["product", tree_meaning(left), tree_meaning(right)]
        case t.IfElse(condition=condition, then=then, otherwise=otherwise):
            return ["if", tree_meaning(condition), tree_meaning(then), tree_meaning(otherwise)]
        case t.Quantifier(kind=kind, variable=variable, source=source, body=body):
            return ["each", kind, variable, tree_meaning(source), tree_meaning(body)]
        case t.Apply(function=function, args=args):
            return ["apply", function, *map(tree_meaning, args)]
        case _:
            assert_never(node)
