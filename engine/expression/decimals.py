"""Number literals as decimals: `12.50` compared with a decimal is not a double."""

from __future__ import annotations

from dataclasses import replace

from engine.expression import typed as t
from engine.expression.quantity import parse_decimal
from engine.expression.types import MAX_PLACES, Type, decimal


def as_decimal(node: t.Typed, wanted: Type) -> t.Typed:
    """Convert a literal, also in either branch of `? :`, to the decimal type `wanted`. Leave anything else, and literals with too
    many places, unchanged."""
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
    """Convert a literal with a decimal point to a decimal with as many places as are written."""
    if not isinstance(node, t.Const) or node.type.kind != "double" or node.written is None:
        return None
    places = len(node.written.partition(".")[2])
    return (
        as_decimal(node, decimal(places))
        if 0 < places <= MAX_PLACES and "e" not in node.written.lower()
        else None
    )


def alike(nodes: tuple[t.Typed, ...]) -> tuple[t.Typed, ...]:
    """Convert literals to decimals with as many places as the decimals beside them."""
    decimal = next((n.type for n in nodes if n.type.kind == "decimal"), None)
    return nodes if decimal is None else tuple(as_decimal(node, decimal) for node in nodes)
