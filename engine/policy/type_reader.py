"""Declarations of facts and values of parameters: nodes to types, and nodes to values of a type."""

from __future__ import annotations

import re
from dataclasses import replace

from documents.diagnostics import did_you_mean
from documents.nodes import Mapping, Node, Scalar, Sequence, read_plain
from documents.reader import Reader
from engine.expression.quantity import (
    parse_decimal,
    parse_duration,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.types import (
    MAX_DOUBLE,
    MAX_INT,
    MAX_ITEMS,
    MAX_PLACES,
    MAX_STRING,
    SCALARS,
    Type,
    article,
)
from engine.policy.model import Value

TYPE_KEYS = {"type": False, "enum": False, "list": False, "decimal": False}
RECORD_KEY = {"record": False}
"""Of a fact only: records stand in no list, parameter or output."""
OPTIONS = {"optional": False, "max_length": False, "max_items": False}
BOUNDS = {"min": False, "max": False}
_BOUNDED = ("int", "decimal", "double", "duration", "timestamp")
MAX_LIST_DEPTH = 2


def read_type(
    reader: Reader,
    node: Node,
    what: str,
    extra: dict[str, bool],
    depth: int = 0,
    *,
    bounded: bool = False,
    record: bool = False,
) -> Type | None:
    """`string`, `timestamp?`, `{enum: [a, b]}`, `{list: {field: type}}`, or the long form `{type: string, …}`.

    `extra` are further keys that the long form may carry here, read by the caller. `bounded`: numbers may have `min` and `max`.
    `record`: `{record: {field: type}}` is allowed too.
    """
    if isinstance(node, Scalar):
        return _short(reader, node)
    if isinstance(node, Mapping) and (inner := node.get("record")) is not None and not record:
        message, hint = "only a fact can be a record", "declare its fields here, or as a fact of its own"
        reader.report(inner, "bad-type", message, hint)
        return None
    kinds = TYPE_KEYS | (RECORD_KEY if record else {})
    keys = reader.keys(node, what, kinds | OPTIONS | (BOUNDS if bounded else {}) | extra)
    if keys is None:
        return None
    given = [k for k in kinds if k in keys]
    if len(given) != 1:
        hint = "for example `{type: string, optional: true}`"
        *others, last = (f"`{kind}`" for kind in kinds)
        reader.report(node, "bad-type", f"{what} needs one of {', '.join(others)} or {last}", hint)
        return None
    type_ = _base(reader, given[0], keys[given[0]], what, depth, bounded)
    if type_ is None:
        return None
    type_ = _with_options(reader, type_, keys)
    return _with_bounds(reader, type_, keys, what) if bounded else type_


def _short(reader: Reader, node: Scalar) -> Type | None:
    name = node.text
    optional = name.endswith("?")
    scalar: Type | None = SCALARS.get(name.removesuffix("?"))
    if scalar is None or not isinstance(node.value, str):
        hint = _type_hint(name)
        message = f"unknown type `{name[:40]}`" if name else "a type is missing"
        reader.report(node, "unknown-type", message, hint)
        return None
    return replace(scalar, optional=optional) if optional else scalar


_ELSEWHERE = {
    **dict.fromkeys(("date", "datetime", "time", "instant", "moment"), "did you mean `timestamp`?"),
    **dict.fromkeys(
        ("money", "amount", "currency", "price", "numeric", "decimal"),
        "write `{decimal: 2}`, with two decimal places",
    ),
    "cents": "write `{decimal: 2}`, or `int` and count in the smallest unit",
    "number": "write `int` for whole numbers, `{decimal: 2}` for amounts, or `double`",
    **dict.fromkeys(("float", "real"), "write `double`, or `{decimal: 2}` for money"),
    **dict.fromkeys(("integer", "long", "count"), "did you mean `int`?"),
    **dict.fromkeys(
        ("text", "str", "uuid", "id", "email", "url", "char", "varchar"), "did you mean `string`?"
    ),
    **dict.fromkeys(("boolean", "flag", "yesno"), "did you mean `bool`?"),
    **dict.fromkeys(("interval", "timedelta", "period", "days"), "did you mean `duration`?"),
    **dict.fromkeys(("array", "set"), "write `{list: string}` or `{list: {field: type}}`"),
    **dict.fromkeys(("enum", "list"), "write `{enum: [a, b]}` or `{list: {field: type}}`"),
    **dict.fromkeys(
        ("object", "map", "dict", "record"),
        "write `{record: {field: type}}`, or declare each field as a fact",
    ),
}
"""Types by the names that other languages give them."""
_OR_NULL = re.compile(
    r"([a-z]+)\s*\|\s*(?:null|none|nil)|(?:null|none|nil)\s*\|\s*([a-z]+)|(?:optional|maybe)\W([a-z]+)\W?|\?([a-z]+)"
)
_LIST_OF = re.compile(r"([a-z]+)\s*\[\]|(?:list|array)\W([a-z]+)\W?")


def _type_hint(name: str) -> str | None:
    small = name.removesuffix("?").lower()
    for pattern, shape in ((_OR_NULL, "write `{}?`"), (_LIST_OF, "write `{{list: {}}}`")):
        match = pattern.fullmatch(small)
        inner = next((g for g in match.groups() if g), None) if match else None
        if inner in SCALARS:
            return shape.format(inner)
    return _ELSEWHERE.get(small) or did_you_mean(small, [*SCALARS, "enum", "list"])


def _base(reader: Reader, kind: str, node: Node, what: str, depth: int, bounded: bool) -> Type | None:
    if kind == "type":
        if isinstance(node, Scalar):
            return _short(reader, node)
        reader.report(node, "unknown-type", "a type is one word", "for example `type: string`")
        return None
    if kind == "decimal":
        places = reader.integer(node, "`decimal`", 1, MAX_PLACES)
        return None if places is None else Type("decimal", scale=places)
    if kind == "enum":
        members = reader.words(node, "the enum")
        if isinstance(node, Sequence) and not node.items:
            reader.report(node, "bad-type", "an enum needs at least one value", "write `{enum: [a, b]}`")
        return Type("enum", members=members) if members else None
    if kind == "record":
        if isinstance(node, Mapping) and not node.entries:
            reader.report(node, "bad-type", f"{what} has no fields", "write `{record: {field: type}}`")
        return _record(reader, node, what, depth, bounded)
    if depth >= MAX_LIST_DEPTH:
        message = f"lists are nested at most {MAX_LIST_DEPTH} deep"
        reader.report(node, "bad-type", message, "pass the inner list as a fact of its own")
        return None
    item = _item(reader, node, what, depth + 1, bounded)
    return Type("list", item=item) if item else None


def _item(reader: Reader, node: Node, what: str, depth: int, bounded: bool) -> Type | None:
    """The item of a list: a scalar type, an enum, or a record given as a mapping of fields."""
    if isinstance(node, Scalar) or _is_type(node):
        return read_type(reader, node, f"an item of {what}", {}, depth, bounded=bounded)
    if isinstance(node, Mapping) and not node.entries:
        reader.report(node, "bad-type", f"an item of {what} has no fields", "write `{list: {field: type}}`")
    return _record(reader, node, f"an item of {what}", depth, bounded)


def _record(reader: Reader, node: Node, what: str, depth: int, bounded: bool) -> Type | None:
    fields = []
    for name, _, value in reader.named(node, what):
        type_ = read_type(reader, value, f"the field `{name}`", {}, depth, bounded=bounded)
        if type_:
            fields.append((name, type_))
    return Type("record", fields=tuple(fields)) if fields else None


def _is_type(node: Node) -> bool:
    return isinstance(node, Mapping) and any(
        (k.text == "enum" and isinstance(v, Sequence))
        or (k.text == "decimal" and isinstance(v, Scalar) and isinstance(v.value, int))
        or (
            k.text == "type"
            and isinstance(v, Scalar)
            and len(node.entries) <= 5
            and all(key.text in _WORDS | OPTIONS or _is_bound(key, value) for key, value in node.entries)
        )
        for k, v in node.entries
    )


_WORDS = {"type": False, "enum": False, "list": False}
"""Keys beside `type` in a list of plain values; a record may well have a field `decimal`."""


def _is_bound(key: Scalar, value: Node) -> bool:
    """Whether an entry bounds a value; `min` and `max` are names of fields too, whose value is a type."""
    if key.text not in BOUNDS or not isinstance(value, Scalar):
        return False
    text = value.value if isinstance(value.value, str) else ""
    is_number = isinstance(value.value, int | float)
    return is_number or parse_duration(text) is not None or parse_timestamp(text) is not None


def _with_bounds(reader: Reader, type_: Type, keys: dict[str, Node], what: str) -> Type:
    low, high = (read_bound(reader, keys.get(k), type_, f"`{k}` of {what}") for k in BOUNDS)
    if low is not None and high is not None and low > high:
        hint = "no value is in between: exchange the two, or change one"
        reader.report(keys["min"], "out-of-bounds", f"`min` of {what} is above its `max`", hint)
        return type_
    return type_ if low is None and high is None else replace(type_, minimum=low, maximum=high)


def read_bound(
    reader: Reader, node: Node | None, type_: Type, what: str, code: str = "bad-type"
) -> int | float | None:
    """A `min` or `max`, of a fact or of a parameter."""
    if node is None:
        return None
    if type_.kind not in _BOUNDED:
        reader.report(node, code, f"{article(type_)} has no `min` or `max`", "delete it")
        return None
    value = read_value(reader, node, type_.required(), what)
    return value if isinstance(value, int | float) else None


def _with_options(reader: Reader, type_: Type, keys: dict[str, Node]) -> Type:
    if reader.flag(keys.get("optional"), "`optional`"):
        type_ = replace(type_, optional=True)
    if "max_length" in keys:
        if type_.kind != "string":
            reader.report(keys["max_length"], "bad-type", "`max_length` belongs to a string")
        length = reader.integer(keys["max_length"], "`max_length`", 1, 1_000_000)
        type_ = replace(type_, max_length=length or MAX_STRING)
    if "max_items" in keys:
        if type_.kind != "list":
            reader.report(keys["max_items"], "bad-type", "`max_items` belongs to a list")
        items = reader.integer(keys["max_items"], "`max_items`", 1, 100_000)
        type_ = replace(type_, max_items=items or MAX_ITEMS)
    return type_


def read_value(reader: Reader, node: Node, type_: Type, what: str) -> Value:
    """The value of a parameter; None after a report."""
    if type_.kind == "list" and type_.item is not None:
        item = type_.item
        return tuple(read_value(reader, n, item, f"an item of {what}") for n in reader.items(node, what))
    if not isinstance(node, Scalar):
        reader.report(node, "wrong-value", f"{what} must be one {type_.kind}")
        return None
    value = scalar_value(node, type_)
    if value is None:
        reader.report(node, "wrong-value", f"{what} must be {_wanted(type_)}", _value_hint(node, type_))
    return value


def scalar_value(node: Scalar, type_: Type) -> Value:
    """None where the scalar is not a value of the type; nothing is converted."""
    value = node.value
    match type_.kind:
        case "bool":
            return value if isinstance(value, bool) else None
        case "int":
            return value if type(value) is int and abs(value) <= MAX_INT else None
        case "decimal":
            units = parse_decimal(node.text, type_.scale) if isinstance(value, int | float | str) else None
            return units if units is not None and abs(units) <= MAX_INT else None
        case "double":
            return value if isinstance(value, float) and abs(value) <= MAX_DOUBLE else None
        case "string":
            return value if isinstance(value, str) and len(value) <= type_.max_length else None
        case "enum":
            return value if value in type_.members else None
        case "duration":
            return parse_duration(value) if isinstance(value, str) else None
        case "timestamp":
            return parse_timestamp(value) if isinstance(value, str) else None
    return None


_EXAMPLES = {
    "duration": "a duration such as `90d`, `36h`, `15m` or `30s`",
    "timestamp": "a timestamp such as `2026-01-01T00:00:00Z`",
    "double": "a number with a decimal point, such as `0.5`",
    "int": "a whole number",
    "bool": "`true` or `false`",
    "string": "text",
}


def _wanted(type_: Type) -> str:
    if type_.kind == "enum":
        return "one of " + ", ".join(f"`{m}`" for m in type_.members[:12])
    if type_.kind == "decimal":
        return f"a number with at most {type_.scale} decimal place{'' if type_.scale == 1 else 's'}"
    return _EXAMPLES.get(type_.kind, type_.kind)


def _value_hint(node: Scalar, type_: Type) -> str | None:
    text = node.text.strip()
    if type_.kind == "enum":
        return did_you_mean(node.text, type_.members)
    if type_.kind == "duration":
        return why_no_duration(text)
    if type_.kind == "timestamp":
        return why_no_timestamp(text)
    if type_.kind == "double" and isinstance(node.value, int):
        return f"write `{node.text}.0`"
    if type_.kind in ("int", "double", "bool") and node.style and read_plain(text)[0] != text:
        return "leave out the quotes"
    if type_.kind in ("int", "decimal", "double"):
        return _number_hint(node, type_.kind)
    if type_.kind == "string" and not isinstance(node.value, str):
        return f'quote it: "{node.text[:40]}"'
    return None


def _number_hint(node: Scalar, kind: str) -> str | None:
    text = node.text.strip()
    if kind == "int" and isinstance(node.value, float):
        whole = node.value.is_integer()
        return f"write `{int(node.value)}`" if whole else "declare it as `double`, or count in a smaller unit"
    percent = re.fullmatch(r"([0-9]{1,3})\s*%", text)
    if percent:
        share = f"{int(percent[1]) / 100:g}"
        return (
            f"write `{share if '.' in share else share + '.0'}`"
            if kind == "double"
            else f"write `{percent[1]}`"
        )
    grouped = re.fullmatch(r"[0-9]{1,3}(?:[ ,_'][0-9]{3})+", text)
    if grouped:
        return f"write `{re.sub('[^0-9]', '', text)}`"
    if re.match(r"[$€£]|[0-9].*[a-zA-Z$€£]", text):
        return "write the number alone, without its unit"
    return None
