"""Parses JSON bodies for both surfaces. Anything ambiguous is refused with a problem."""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest

from api.envelope import BODY_LIMIT
from api.problems import Problem
from documents.strict_json import StrictJSONError, parse_json

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_json(request: HttpRequest, *, body_limit: int = BODY_LIMIT) -> Any:
    """The body as plain Python. An empty body counts as an empty object."""
    body = request.body
    if len(body) > body_limit:
        raise Problem("body-too-large", f"The body may have at most {body_limit} bytes.")
    value = _parse(body) if body.strip() else {}
    if b"\\" not in body:  # in strict JSON, only an escape stands for NUL or a lone surrogate
        return value
    errors = [{"pointer": pointer, "message": message} for pointer, message in _unstorable_text(value)]
    if errors:
        raise Problem("invalid-request", "The body contains text that cannot be stored.", errors=errors)
    return value


def _parse(body: bytes) -> Any:
    try:
        return parse_json(body)
    except StrictJSONError as error:
        raise Problem("malformed-json", f"The body is invalid: {error}.") from None


def pointer_to(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901); the empty string is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _unstorable_text(value: Any, *path: str | int) -> Iterator[tuple[str, str]]:
    """The place of a NUL or a lone surrogate, which no database stores. A bad key is located by its object."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield pointer_to(*path), "Text should not contain NUL or lone surrogates"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable_text(item, *path, index)
    elif isinstance(value, dict):
        for key, item in value.items():
            if _UNSTORABLE.search(key):
                yield pointer_to(*path), "Keys should not contain NUL or lone surrogates"
            else:
                yield from _unstorable_text(item, *path, key)
