"""Compare the values that cases expect with those of a decision, and write values as YAML."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from documents.nodes import Mapping, Node, Scalar, Sequence, read_plain
from engine.expression.quantity import parse_decimal, parse_duration, parse_timestamp
from engine.expression.types import Type

_QUOTED = re.compile(r"[\[\]{},\"'`\n\t]|: |:$| #|^[-?:] |^[#&*!|>%@\s]|\s$|^[-?:]?$")
"""Text that YAML would not read as that text unless it is quoted."""


def equal(expected: Any, actual: Any) -> bool:
    """Equal in value and type: 1 is not true, and 1.0 is not 1."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(equal(expected[k], actual[k]) for k in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(equal, expected, actual))
    return type(expected) is type(actual) and expected == actual


def means(expected: Any, actual: Any, type_: Type) -> bool:
    """Whether two values in JSON form are the same value of a type: `24h` equals `1d`, and 1 equals the double 1.0."""
    if expected is None or actual is None:
        return expected is actual
    if type_.item is not None and isinstance(expected, list):
        item = type_.item
        return len(expected) == len(actual) and all(
            means(e, a, item) for e, a in zip(expected, actual, strict=True)
        )
    if type_.kind == "record" and isinstance(expected, dict):
        return expected.keys() == actual.keys() and all(
            means(expected[name], actual[name], field) for name, field in type_.fields if name in expected
        )
    if type_.kind in ("duration", "timestamp") and isinstance(expected, str):
        return _quantity(expected, type_) == _quantity(actual, type_)
    if type_.kind == "decimal":
        return _units(expected, type_) == _units(actual, type_)
    if type_.kind == "double" and type(expected) is int:
        return bool(float(expected) == actual)
    return equal(expected, actual)


def misread(expected: Any, type_: Type) -> str | None:
    """What is wrong with an expected value that is invalid for its type; None if it is valid."""
    if type_.kind == "decimal" and expected is not None:
        fits = parse_decimal(str(expected), type_.scale) is not None
        return (
            None
            if fits
            else f"`{in_yaml(expected)}` has more than {type_.scale} decimal places, or is no number"
        )
    if type_.kind not in ("duration", "timestamp") or expected is None or type_.item is not None:
        return None
    if isinstance(expected, str) and isinstance(_quantity(expected, type_), int):
        return None
    example = "such as `36h`" if type_.kind == "duration" else "such as `2026-03-01T12:00:00Z`"
    return f"`{in_yaml(expected)}` is no {type_.kind}, {example}"


def _units(value: Any, type_: Type) -> int | str:
    """The decimal in units, or the value as text if it is not a valid decimal."""
    units = parse_decimal(str(value), type_.scale)
    return str(value) if units is None else units


@lru_cache(maxsize=1_000)
def holds_decimals(type_: Type) -> bool:
    parts = (*(field for _, field in type_.fields), *((type_.item,) if type_.item else ()))
    return type_.kind == "decimal" or any(map(holds_decimals, parts))


def exact(node: Node, value: Any, type_: Type) -> Any:
    """The value of a node, with decimals as written, which a float would round."""
    if type_.kind == "decimal" and isinstance(node, Scalar) and type(value) in (int, float):
        return node.text
    if type_.item is not None and isinstance(node, Sequence) and isinstance(value, list):
        return [exact(n, v, type_.item) for n, v in zip(node.items, value, strict=True)]
    if type_.kind == "record" and isinstance(node, Mapping) and isinstance(value, dict):
        fields, nodes = dict(type_.fields), {key.text: child for key, child in node.entries}
        return {n: exact(nodes[n], v, fields[n]) if n in fields else v for n, v in value.items()}
    return value


def _quantity(text: str, type_: Type) -> int | str:
    """The value in microseconds, or the text itself if it is invalid, such as a fraction of a millisecond."""
    if type_.kind == "timestamp":
        moment = parse_timestamp(text)
        return text if moment is None else moment
    micros = parse_duration(text.removeprefix("-"))
    if micros is None:
        return text
    return -micros if text.startswith("-") else micros


def in_yaml(value: Any) -> str:
    """Format a value on one line, as in a case file."""
    if isinstance(value, list):
        return "[" + ", ".join(map(in_yaml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {in_yaml(v)}" for name, v in value.items()) + "}"
    if isinstance(value, str):
        plain = not _QUOTED.search(value) and read_plain(value) == (value, None)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else repr(value)


_CONSTANTS = {None: "null", True: "true", False: "false"}
