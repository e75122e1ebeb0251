"""The strict JSON reader of both surfaces: what a lenient parser would guess at is refused with a problem."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from django.http import HttpRequest

from api.envelope import BODY_LIMIT
from api.problems import Problem

MAX_DEPTH: Final = 20
MAX_NUMBER_LENGTH: Final = 30

# Possessive, and content with a string that never ends, so that hostile text costs linear time.
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_json(request: HttpRequest, *, body_limit: int = BODY_LIMIT) -> Any:
    """The body as plain Python; an empty body reads as an empty object."""
    body = request.body
    if len(body) > body_limit:
        raise Problem("body-too-large", f"The body may have at most {body_limit} bytes.")
    value = parse_json(body) if body.strip() else {}
    errors = [{"pointer": pointer, "message": message} for pointer, message in _unstorable_text(value)]
    if errors:
        raise Problem("invalid-request", "The body holds text that cannot be stored.", errors=errors)
    return value


def parse_json(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("malformed-json", f"The body is not UTF-8 (byte {error.start}).") from None
    _check_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        raise Problem("malformed-json", f"{error.msg} (line {error.lineno}, column {error.colno}).") from None


def pointer_to(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901); the empty one is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise Problem("malformed-json", f"The body is nested deeper than {MAX_DEPTH} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Problem("malformed-json", "An object of the body has the same key twice.")
    return members


def _refuse_constant(_written: str) -> NoReturn:
    raise Problem("malformed-json", "NaN and Infinity are not JSON.")


def _integer(written: str) -> int:
    _check_number_length(written)
    return int(written)


def _number(written: str) -> float:
    _check_number_length(written)
    number = float(written)
    if not math.isfinite(number):
        raise Problem("malformed-json", "A number of the body is too large.")
    return number


def _check_number_length(written: str) -> None:
    if len(written) > MAX_NUMBER_LENGTH:
        raise Problem("malformed-json", f"A number of the body has more than {MAX_NUMBER_LENGTH} characters.")


def _unstorable_text(value: Any, *path: str | int) -> Iterator[tuple[str, str]]:
    """Where NUL or a lone surrogate stands, which no database keeps. A bad key is named by its object."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield pointer_to(*path), "Text should not have NUL or lone surrogates"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable_text(item, *path, index)
    elif isinstance(value, dict):
        for key, item in value.items():
            if _UNSTORABLE.search(key):
                yield pointer_to(*path), "Keys should not have NUL or lone surrogates"
            else:
                yield from _unstorable_text(item, *path, key)
