"""Strict JSON: ambiguous input is refused, and hostile input costs linear time.

INVARIANT: `_parse_fast` returns what `_parse_carefully` does, or nothing. It decodes with msgspec, which refuses what we refuse,
except a key twice, long numbers and deep nesting. All three are excluded by counting bytes. A property test compares them.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

import msgspec

MAX_DEPTH = 20
MAX_NUMBER_LENGTH = 30

# Possessive, and also matches a string without an end, so that a scan never backtracks.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class StrictJSONError(ValueError):
    """Not JSON, or JSON that parsers read differently: duplicate keys, NaN, too deep, too large."""


def parse_json(data: bytes) -> Any:
    """The value of UTF-8 JSON text."""
    value = _parse_fast(data)
    return _parse_carefully(data) if value is _UNSURE else value


_UNSURE: Final = object()
_decode_fast: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_ESCAPE: Final = ord("\\")
_TO_DIGITS: Final = bytes(ord("0") if chr(c) in "0123456789+-.eE" else ord(" ") for c in range(256))
_LONG_NUMBER: Final = b"0" * (MAX_NUMBER_LENGTH + 1)
_ONE_BRACKET: Final = bytes.maketrans(b"{}", b"[]")
_NEITHER_QUOTE_NOR_BRACKET: Final = bytes(c for c in range(256) if chr(c) not in '"[]{}')


def _parse_fast(data: bytes) -> Any:
    """The value, or `_UNSURE`."""
    escapes = _ESCAPE in data
    plain = _without_escapes(data) if escapes else data
    if _LONG_NUMBER in data.translate(_TO_DIGITS):
        return _UNSURE
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and not _surely_shallow(plain):
        return _UNSURE
    try:
        value = _decode_fast(data)
    except (msgspec.MsgspecError, ValueError):
        return _UNSURE
    # Had a key been there twice, the value would have fewer strings than the text.
    written = _without_escapes(_encode(value)) if escapes else _encode(value)
    return value if written.count(b'"') == plain.count(b'"') else _UNSURE


def _without_escapes(data: bytes) -> bytes:
    """Every quote that remains begins or ends a string."""
    return data.replace(rb"\\", b"").replace(rb"\"", b"")


def _surely_shallow(plain: bytes) -> bool:
    """Whether the brackets nest at most `MAX_DEPTH` deep. False if any of them are in strings."""
    brackets = plain.translate(_ONE_BRACKET, _NEITHER_QUOTE_NOR_BRACKET).replace(b'""', b"")
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _parse_carefully(data: bytes) -> Any:
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
