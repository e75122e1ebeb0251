"""Refusing hostile JSON takes time proportional to its length, and reading it fast means the same as reading it carefully."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import strict_json
from documents.strict_json import StrictJSONError, parse_json
from tests.work import TIMES, expect_linear

SIZE = 16 * 1024
HOSTILE = {
    "lists without end": b"[",
    "lists in turn": b"[],",
    "objects without end": b'{"a":',
    "string without end": b'\\"',
    "backslashes": b"\\\\",
    "empty strings": b'"",',
    "keys": b'{"a":1},',
    "digits": b"9",
    "digits behind the point": b"1.9",
    "spaces": b" ",
    "NUL": b"\0",
    "bad UTF-8": b"\xc3\xa9\xff",
    "letters of two bytes": "é".encode(),
}


def refuse(text: bytes) -> None:
    with pytest.raises(StrictJSONError):
        parse_json(text)


@pytest.mark.parametrize("start", [b"", b'"', b"[", b'{"a":'], ids=["bare", "string", "list", "object"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_time_that_grows_with_its_length(name: str, start: bytes) -> None:
    piece = HOSTILE[name]
    small, large = (start + piece * (times * SIZE // len(piece)) for times in (1, TIMES))
    expect_linear(lambda: refuse(small), lambda: refuse(large))


def outcome(parse: Callable[[bytes], object], data: bytes) -> str:
    try:
        return repr(parse(data))
    except StrictJSONError as error:
        return f"refused: {error}"


def careful(data: bytes) -> str:
    return outcome(strict_json._parse_carefully, data)


def expect_the_same(data: bytes) -> bool:
    """Whether the fast way is sure of the text. What it returns is then what the careful way returns."""
    value = strict_json._parse_fast(data)
    sure = value is not strict_json._UNSURE
    assert not sure or repr(value) == careful(data), data
    return sure


VALID = (
    b"null", b" [true, false]\r\n\t", b'{"a": {"a": 1}, "b": [{"a": 2}]}', b"[0, -0, 1.0, 1E5, -1.5e-7, 0.1]",
    b"123456789012345678901234567890", b"0.30000000000000004", b'{"": ""}', '{"é": "🙂"}'.encode(), b'"[{[{[{[{"',
    rb'"a\"b\\"', rb'{"\\": "\\\"", "\"": "\\\\"}', rb'"\u00e9\ud83d\ude42\/\b\u0000"', b"[" * 20 + b"]" * 20,
    b'{"items": [' + b", ".join([b'{"a": ["b", {}]}'] * 30) + b"]}", b'["\x7f"]',
)  # fmt: skip
REFUSED = (
    b"", b"{", b"[1,]", b"01", b"1.", b".5", b"+1", b"NaN", b"-Infinity", b"1e400", b"1" * 31, b"0." + b"1" * 30, b"{1: 2}",
    b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "b": "c"}}', rb'{"a": 1, "\u0061": 2}', rb'{"a\\": 1, "a\\": "\""}',
    b'[{"a": "b", "a": 1}, "\x22"]', b"[" * 21 + b"]" * 21, b'{"a":' * 21 + b"1" + b"}" * 21,
    b'["]"' + b', ["]"' * 20 + b"]" * 21, b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"a\nb"', b'"\x01"', b"\xef\xbb\xbf1",
    b"1 2", b"// 1", b"'a'", rb'"\x41"', b"1\x00",
)  # fmt: skip


@pytest.mark.parametrize("data", VALID)
def test_usual_text_needs_no_careful_reading(data: bytes) -> None:
    assert expect_the_same(data) or data == b'"[{[{[{[{"'


@pytest.mark.parametrize("data", REFUSED)
def test_what_is_refused_is_never_read_fast(data: bytes) -> None:
    assert not expect_the_same(data)
    refuse(data)


PLACES = b'"\\[]{},:019.eE+- \n\x01\xc3\xa9u'
texts = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\[]{}:,'), max_size=8)
numbers = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.fuzz
@given(values, st.booleans(), st.sampled_from((None, 1)), st.integers(0, 19))
def test_both_ways_read_alike(value: object, ascii_only: bool, indent: int | None, deeper: int) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    data = b"[" * deeper + data + b"]" * deeper
    expect_the_same(data)
    assert outcome(parse_json, data) == careful(data)


@pytest.mark.fuzz
@given(values, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(PLACES), st.booleans()), max_size=3))
def test_both_ways_read_changed_text_alike(value: object, changes: list[tuple[int, int, bool]]) -> None:
    data = bytearray(json.dumps({"a": value, "b": [value, value]}).encode())
    for place, byte, replaces in changes:
        at = place % len(data)
        data[at : at + replaces] = bytes([byte])
    expect_the_same(bytes(data))
    expect_the_same(bytes(data).replace(b'"b"', b'"a"'))
