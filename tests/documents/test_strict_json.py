"""Refusing hostile JSON takes time proportional to its length."""

import pytest

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
