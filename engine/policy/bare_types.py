"""Types whose key is missing, such as `{int, min: 1}`, `int(1..12)` or `{min: 1, max: 12}`, and how to write them."""

from __future__ import annotations

import re
from collections.abc import Sequence as Seq

from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.expression.quantity import parse_duration, parse_timestamp
from engine.expression.types import MAX_PLACES, SCALARS

_KINDS = {"integer": "int", "long": "int", "float": "double", "text": "string", "boolean": "bool"}
_NUMBER = r"(-?[0-9][\w.]*?)"
_RANGE = re.compile(
    rf"(?:(int|integer|long|double|float|duration)\b)?[\s,:(\[]*(?:min[\s:=]*)?{_NUMBER}"
    rf"\s*(?:\.\.+|–|-|,|\bto\b)\s*(?:max[\s:=]*)?{_NUMBER}[\s)\]]*"
)
_SIZED = re.compile(r"(?:string|text|char|varchar|str)\s*[(\[]\s*([0-9]{1,6})\s*[)\]]")
_WORDS = re.compile(r"(?:enum|one of|oneof)\s*[(\[{]([\w\s,|/\"']+)[)\]}]|(\w+(?:\s*[,/|]\s*\w+)+)")


def bare_type(node: Mapping) -> tuple[Node, str, str] | None:
    """A key that names a type: the place of what is wrong, the type, and what to write there."""
    if node.get("type") is not None:
        return None
    for key, value in node.entries:
        optional = "?" if key.text.endswith("?") else ""
        kind = key.text.removesuffix("?").lower()
        kind = _KINDS.get(kind, kind)
        entry = Node(node.source, key.start, max(key.end, value.end))
        is_empty = value.start == value.end
        if is_empty and node.source.text[key.end : key.end + 1] == ":":
            entry.end = key.end + 1
        if kind in SCALARS and (written := _options(kind, value, is_empty)) is not None:
            return entry, key.text, f"type: {_scalar(kind, optional)}{written}"
        if is_empty and kind in ("decimal", "money", "amount", "price"):
            return entry, key.text, "decimal: 2" + (", optional: true" if optional else "")
        others = [k.text for k, v in node.entries if k is not key and v.start == v.end]
        rest = [
            node.source.text[k.start : v.end] for k, v in node.entries if k is not key and v.start != v.end
        ]
        if is_empty and kind == "enum" and others:
            words = ", ".join(others)
            return node, key.text, f"{{{', '.join([f'enum: [{words}]', *rest])}}}"
        if is_empty and kind == "list" and len(others) == 1:
            return node, key.text, f"{{{', '.join([f'list: {others[0]}', *rest])}}}"
    return None


def _scalar(kind: str, optional: str) -> str:
    return f'"{kind}?"' if optional else kind


def _options(kind: str, value: Node, is_empty: bool) -> str | None:
    """What belongs beside `type: int` for the value of the key `int`; None if it is something else."""
    if is_empty:
        return ""
    if isinstance(value, Mapping) and value.entries and {k.text for k, _ in value.entries} <= {"min", "max"}:
        return ", " + ", ".join(value.source.text[k.start : v.end] for k, v in value.entries)
    if not isinstance(value, Scalar):
        return None
    if kind == "string" and value.text.isdecimal():
        return f", max_length: {value.text}"
    match = _RANGE.fullmatch(value.text)
    return f", min: {match[2]}, max: {match[3]}" if match and kind not in ("string", "bool") else None


def list_as_type(node: Sequence) -> str | None:
    """How to write `[int, min: 1, max: 12]` or `[1..12]`."""
    first, rest = (node.items[0], node.items[1:]) if node.items else (node, [])
    if not isinstance(first, Scalar):
        return None
    if not rest:
        return ranged(first.text)
    kind = first.text.removesuffix("?").lower()
    kind = _KINDS.get(kind, kind)
    if kind not in SCALARS or not all(isinstance(i, Mapping) and len(i.entries) == 1 for i in rest):
        return None
    optional = "?" if first.text.endswith("?") else ""
    written = [item.source.text[item.start : item.end] for item in rest]
    return f"{{{', '.join([f'type: {_scalar(kind, optional)}', *written])}}}"


def ranged(text: str) -> str | None:
    """How to write `int(1..12)`, `int 1 to 12`, `1..12`, `string(20)`, `enum(a, b)` or `a, b`."""
    if match := _RANGE.fullmatch(text):
        kind = _KINDS.get(match[1] or "", match[1])
        type_ = f"type: {kind}" if kind else type_of(match.groups()[1:])
        return f"{{{type_}, min: {match[2]}, max: {match[3]}}}" if type_ else None
    if match := _SIZED.fullmatch(text.lower()):
        return f"{{type: string, max_length: {match[1]}}}"
    if match := _WORDS.fullmatch(text):
        words = re.findall(r"\w+", match[1] or match[2])
        if {word.lower() for word in words} <= {"yes", "no", "true", "false", "on", "off"}:
            return "bool"
        return (
            f"{{enum: [{', '.join(words)}]}}"
            if not {w.lower() for w in words} & {*SCALARS, "min", "max"}
            else None
        )
    return None


def type_of(bounds: Seq[str | None]) -> str | None:
    """The type of a fact, by its bounds."""
    texts = [text for text in bounds if text is not None]
    if not texts:
        return None
    if all(re.fullmatch(r"-?[0-9]+", text) for text in texts):
        return "type: int"
    decimals = [re.fullmatch(r"-?[0-9]+(?:\.([0-9]+))?", text) for text in texts]
    if all(decimals):
        places = max(len(d[1] or "") for d in decimals if d)
        return f"decimal: {min(places, MAX_PLACES)}"
    if all(parse_duration(text) is not None for text in texts):
        return "type: duration"
    return "type: timestamp" if all(parse_timestamp(text) is not None for text in texts) else None
