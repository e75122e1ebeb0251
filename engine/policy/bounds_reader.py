"""Read `min` and `max`, the bounds of a number, duration or timestamp."""

from __future__ import annotations

from dataclasses import replace

from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import Reader
from engine.expression.quantity import parse_duration, parse_timestamp
from engine.expression.types import Type, article
from engine.policy.access import Access
from engine.policy.value_reader import read_value, wanted

BOUNDS = {"min": False, "max": False}
BOUNDED = ("int", "decimal", "double", "duration", "timestamp")


def is_bound(key: Scalar, value: Node) -> bool:
    """Whether an entry is a bound. `min` and `max` can also be field names, whose value is a type."""
    if key.text not in BOUNDS or not isinstance(value, Scalar):
        return False
    text = value.value if isinstance(value.value, str) else ""
    is_number = isinstance(value.value, int | float)
    return is_number or parse_duration(text) is not None or parse_timestamp(text) is not None


def with_bounds(reader: Reader, type_: Type, node: Node, keys: dict[str, Node], what: str) -> Type:
    low, high = (read_bound(reader, node, k, keys.get(k), type_, what) for k in BOUNDS)
    if low is not None and high is not None and low > high:
        hint = "no value is in between: exchange the two, or change one"
        reader.report(keys["min"], "out-of-bounds", f"`min` of {what} is above its `max`", hint)
        return type_
    return type_ if low is None and high is None else replace(type_, minimum=low, maximum=high)


def refuse_bounds(
    reader: Reader,
    owner: Node,
    keys: dict[str, Node],
    type_: Type,
    access: Access | None,
    code: str = "bad-type",
) -> bool:
    """Report the `min` and `max` of a type that has none, as a single mistake."""
    given = [key for key in BOUNDS if key in keys]
    if type_.kind in BOUNDED or not given or not isinstance(owner, Mapping):
        return False
    entries = [Node(owner.source, k.start, v.end) for k, v in owner.entries if k.text in given]
    first, last = entries[0], entries[-1]
    between = owner.source.text[first.end : last.start]
    together = first is last or between.strip() == "," or not between.strip()
    place = Node(owner.source, first.start, last.end) if together and "\n" not in between else first
    limit = {"string": "max_length", "list": "max_items"}.get(type_.kind)
    most, least = (keys.get(key) for key in ("max", "min"))
    shown = None
    if limit and isinstance(most, Scalar) and isinstance(most.value, int) and limit not in keys:
        shown = f"{limit}: {most.text}"
    hint = f"write `{shown}`" if shown else f"delete {' and '.join(f'`{key}`' for key in given)}"
    if limit and isinstance(least, Scalar) and isinstance(least.value, int) and access is not None:
        tested = access.test(f"size({access.name}) >= {least.text}")
        hint += f", and test in a rule that `{tested}`"
    if shown and place is first and first is not last:
        hint = f"write `{shown}` instead of `max`, and{hint.partition(', and')[2] or ' delete `min`'}"
    reader.report(place, code, f"{article(type_.required())} has no `min` or `max`", hint)
    return True


def read_bound(
    reader: Reader, owner: Node, key: str, node: Node | None, type_: Type, what: str
) -> int | float | None:
    """Read the `min` or `max` of `owner`, a fact or parameter, whose type has bounds."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.lower() in ("none", "null", "unlimited", "infinity", "inf", ""):
        message = f"`{key}` of {what} must be {wanted(type_.required())}"
        reader.report(node, "wrong-value", message, f"delete `{key}` if there is no such bound")
        return None
    if isinstance(node, Sequence) and len(node.items) == 2 and all(isinstance(i, Scalar) for i in node.items):
        low, high = (item.text for item in node.items if isinstance(item, Scalar))
        message = f"`{key}` of {what} must be one {type_.kind}"
        reader.report(entry_of(owner, key), "wrong-value", message, f"write `min: {low}, max: {high}`")
        return None
    value = read_value(reader, node, type_.required(), f"`{key}` of {what}")
    return value if isinstance(value, int | float) else None


def entry_of(node: Node, key: str) -> Node:
    """A key together with its value."""
    entries = node.entries if isinstance(node, Mapping) else []
    return next((Node(node.source, k.start, v.end) for k, v in entries if k.text == key), node)
