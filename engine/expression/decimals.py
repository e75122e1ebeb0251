"""Numbers that are written out, as decimals: `12.50` beside a decimal is no double."""

from __future__ import annotations

from dataclasses import replace

from engine.expression import typed as t
from engine.expression.quantity import parse_decimal
from engine.expression.types import MAX_PLACES, Type, decimal


def as_decimal(node: t.Typed, wanted: Type) -> t.Typed:
    """A literal of the same value as `wanted`; on both sides of `? :` too. Anything else, and what has more places, as it is."""
    if isinstance(node, t.IfElse) and node.type.kind in ("int", "double"):
        then, otherwise = as_decimal(node.then, wanted), as_decimal(node.otherwise, wanted)
        if all(side.type.kind in ("decimal", "null") for side in (then, otherwise)):
            type_ = replace(decimal(wanted.scale), optional=node.type.optional)
            return replace(node, type=type_, then=then, otherwise=otherwise)
    if not isinstance(node, t.Const) or node.type.kind not in ("int", "double"):
        return node
    units = parse_decimal(node.written or str(node.value), wanted.scale)
    return node if units is None else t.Const(decimal(wanted.scale), node.span, units, node.written)


def exact_literal(node: t.Typed) -> t.Typed | None:
    """A literal with a decimal point as a decimal with the places that are written."""
    if not isinstance(node, t.Const) or node.type.kind != "double" or node.written is None:
        return None
    places = len(node.written.partition(".")[2])
    return (
        as_decimal(node, decimal(places))
        if 0 < places <= MAX_PLACES and "e" not in node.written.lower()
        else None
    )


def alike(nodes: tuple[t.Typed, ...]) -> tuple[t.Typed, ...]:
    """Literals beside a decimal become decimals of its places."""
    found = next((n.type for n in nodes if n.type.kind == "decimal"), None)
    return nodes if found is None else tuple(as_decimal(node, found) for node in nodes)
