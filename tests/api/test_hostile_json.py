"""Hostile bodies for every operation with a body, sent by an authorized caller: 4xx each, nothing stored, bounded memory."""

import json
from typing import Any

import pytest
from django.apps import apps

from tests.api.callers import Caller, problem_of
from tests.api.matrix import ANSWERS, BODIES, fill
from tests.api.test_matrix import callers, entitled, ids, world  # noqa: F401  # fixtures
from tests.memory import growth
from tests.sampling import sample

POSTS = [name for name in ANSWERS if name.startswith("POST /api/")]
MEGABYTE = 2**20
MOST_GROWTH = 64 * MEGABYTE


def hostile_bodies(valid: dict[str, Any]) -> dict[str, bytes]:
    """Corrupts each field in each way; the last body is a valid one that is too large."""
    name, rest = next(iter(valid), "text"), json.dumps(valid).encode()
    key = json.dumps(name).encode()

    def spoiled(value: bytes) -> bytes:
        return b"{" + key + b": " + value + b"}"

    return {
        "depth 100,000 of lists": b"[" * 100_000 + b"]" * 100_000,
        "depth 100,000 of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "depth 10,000 of lists": spoiled(b"[" * 10_000 + b"]" * 10_000),
        "NaN": spoiled(b"NaN"),
        "Infinity": spoiled(b"-Infinity"),
        "overflow": spoiled(b"1e999"),
        "5,000 digits": spoiled(b"9" * 5_000),
        "5,000 digits behind the point": spoiled(b"0." + b"9" * 5_000),
        "duplicate keys": b"{" + key + b": 1, " + key + b": 1}",
        "lone surrogate": spoiled(rb'"\ud800"'),
        "surrogate in a key": rb'{"\udfff": 1}',
        "NUL": spoiled(rb'"a\u0000b"'),
        "raw NUL": spoiled(b'"a\x00b"'),
        "bad UTF-8": spoiled(b'"\xff\xfe"'),
        "overlong UTF-8": spoiled(b'"\xc0\xaf"'),
        "UTF-16": rest.decode().encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + rest,
        "cut off": rest[:-1],
        "two documents": rest + rest,
        "a list": b"[" + rest + b"]",
        "null": b"null",
        "unknown field": json.dumps({**valid, "status": "completed"}).encode(),
        "prototype": json.dumps({**valid, "__proto__": {"is_staff": True}}).encode(),
        "10 MB": b'"' + b"x" * 10 * MEGABYTE + b'"',
        "10 MB of a valid one": rest + b" " * 10 * MEGABYTE,
    }


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize(
    "operation", sample([f"{name}{key}" for key in ("", " with a key") for name in POSTS], every=6)
)
def test_hostile_body_is_refused(
    operation: str,
    callers: dict[str, Caller],  # noqa: F811
    ids: dict[str, Any],  # noqa: F811
    settings: Any,
) -> None:
    operation, *keyed = operation.split(" with a key")
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "100000/min")
    caller, path = callers[entitled(operation)], operation.removeprefix("POST ").format(**ids)
    headers = {"Idempotency-Key": "hostile"} if keyed else {}
    before = rows()

    bodies = hostile_bodies(fill(BODIES.get(operation, {}), ids))
    with growth() as measured:
        answers = {name: caller.send(path, content, **headers) for name, content in bodies.items()}

    for name, answer in answers.items():
        assert 400 <= answer.status_code < 500, name
        assert answer.status_code not in {401, 404, 429}, name
        assert len(answer.content) < 4_000, name
        problem_of(answer)
    assert measured.bytes < MOST_GROWTH
    assert rows() == before
