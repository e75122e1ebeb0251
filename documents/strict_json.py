"""Strict JSON: ambiguous input is refused, and hostile input costs linear time."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

MAX_DEPTH = 20
MAX_NUMBER_LENGTH = 30

# Possessive, and also matches a string without an end, so that a scan never backtracks.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class StrictJSONError(ValueError):
    """Not JSON, or JSON that parsers read differently: duplicate keys, NaN, too deep, too large."""


def parse_json(data: bytes) -> Any:
    """The value of UTF-8 JSON text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJSONError(f"not UTF-8 (byte {error.start})") from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _check_depth(text)
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        raise StrictJSONError(f"{error.msg.lower()} (line {error.lineno}, column {error.colno})") from None


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise StrictJSONError(f"nested deeper than {MAX_DEPTH} levels")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJSONError("an object has the same key twice")
    return members


def _constant(_written: str) -> NoReturn:
    raise StrictJSONError("NaN and Infinity are not JSON")


def _integer(written: str) -> int:
    _check_length(written)
    return int(written)


def _number(written: str) -> float:
    _check_length(written)
    number = float(written)
    if not math.isfinite(number):
        raise StrictJSONError("a number is too large")
    return number


def _check_length(written: str) -> None:
    if len(written) > MAX_NUMBER_LENGTH:
        raise StrictJSONError(f"a number has more than {MAX_NUMBER_LENGTH} characters")


_decode: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_number
).decode
