"""Number literals as decimals: `12.50` compared with a decimal is not a double."""

from __future__ import annotations

from dataclasses import replace

from engine.expression import typed as t
from engine.expression.quantity import parse_decimal
from engine.expression.types import DOUBLE, MAX_PLACES, Type, decimal


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
    """Convert a literal with a decimal point, or a choice of such literals, to a decimal with as many places as are written."""
    places = places_written(node) if node.type.kind == "double" else None
    return as_decimal(node, decimal(places)) if places and places <= MAX_PLACES else None


def places_written(node: t.Typed) -> int | None:
    """The most decimal places that are written; None for anything but plain number literals."""
    if isinstance(node, t.IfElse):
        sides = places_written(node.then), places_written(node.otherwise)
        return None if None in sides else max(side or 0 for side in sides)
    written = node.written if isinstance(node, t.Const) and node.type.kind == "double" else None
    return None if written is None or "e" in written.lower() else len(written.partition(".")[2])


def numbers_alike(one: t.Typed, other: t.Typed) -> tuple[t.Typed, t.Typed]:
    """Convert written ints beside written doubles, as in `urgent ? 0.5 : 0`, to doubles."""
    kinds = {one.type.kind, other.type.kind}
    if kinds == {"int", "double"} and _is_written(one) and _is_written(other):
        return _as_double(one), _as_double(other)
    return one, other


def _is_written(node: t.Typed) -> bool:
    if isinstance(node, t.IfElse):
        return _is_written(node.then) and _is_written(node.otherwise)
    return isinstance(node, t.Const)


def _as_double(node: t.Typed) -> t.Typed:
    if isinstance(node, t.IfElse):
        then, otherwise = _as_double(node.then), _as_double(node.otherwise)
        return replace(
            node, type=replace(DOUBLE, optional=node.type.optional), then=then, otherwise=otherwise
        )
    if isinstance(node, t.Const) and isinstance(node.value, int):
        return t.Const(DOUBLE, node.span, float(node.value), str(node.value))
    return node


def alike(nodes: tuple[t.Typed, ...]) -> tuple[t.Typed, ...]:
    """Convert literals to decimals with as many places as the decimals beside them."""
    decimal = next((n.type for n in nodes if n.type.kind == "decimal"), None)
    return nodes if decimal is None else tuple(as_decimal(node, decimal) for node in nodes)
