"""Random requests, mostly close to what the contract allows. The same seed gives the same requests."""

import random
from typing import Any, Final

from api.openapi.operations import ANYONE, ASSISTANT, Operation
from api.parity.asking import Ask
from api.parity.world import PEOPLE

TEXTS: Final = [
    "Hello", "Can I review?", "Why?", "Why is the chat locked?", "What is a dispute?", "spam:0.6 review", "threat:0.99",
    "x" * 4_000, "x" * 4_001, "", " ", "\u200b",
    "\u0000", "\ud800", "😀", "שלום", "self_harm:0.6", "+49 170 1234567", "<b>bold</b>", "a\nb",
]  # fmt: skip
ODD: Final[list[Any]] = [None, True, 0, -1, 1.5, "1", [], {}, 2**63, 2**63 - 1, "x" * 300, ["x"], {"a": 1}]
CONTENTS: Final = [
    "",
    " ",
    "{",
    "[]",
    "null",
    "1",
    '"x"',
    '{"text": "a", "text": "b"}',
    "NaN",
    "[" * 500,
    "\ufeff{}",
    '{"text": 1e999}',
]
TYPES: Final = ["application/json", "application/json; charset=utf-8", "application/json; charset=latin-1", "text/plain",
                "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "APPLICATION/JSON", ""]  # fmt: skip
HEADERS: Final[list[dict[str, str]]] = [
    {}, {}, {}, {"Accept": "application/json"}, {"Accept": "text/html"}, {"Accept": "*/*"}, {"Idempotency-Key": "one"},
    {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}, {"X-Request-ID": "parity-request"}, {"Origin": "https://evil.example"},
    {"X-Forwarded-For": "203.0.113.9"}, {"X-HTTP-Method-Override": "DELETE"},
]  # fmt: skip
QUERIES: Final = [
    "",
    "",
    "",
    "?limit=1",
    "?limit=100",
    "?limit=101",
    "?limit=0",
    "?limit=x",
    "?cursor=x",
    "?limit=1&limit=2",
    "?more=1",
    "?cursor=",
]
LIKELY: Final = [
    *ASSISTANT,
    *(operation for operation in ASSISTANT if 201 in operation.answers for _ in range(2)),
]
"""Writes are more frequent, so that there is something to read."""
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
FIELDS: Final = ["text", "message", "product_id", "state", "title", "read_seq", "id", "owner", "extra"]


def generate(count: int, *, seed: int) -> list[Ask]:
    chance = random.Random(seed)
    return [_ask(chance, latest=3 + position // 15) for position in range(count)]


def _ask(chance: random.Random, *, latest: int) -> Ask:
    """`latest` numbers the newest conversation so far; most older ones have been deleted."""
    operation = chance.choice(LIKELY)
    usual = chance.random() < 0.8
    whom = ("bea", "session", "ben") if usual and operation.access is not ANYONE else PEOPLE
    return Ask(
        method=operation.method if chance.random() < 0.92 else chance.choice(METHODS),
        path=_path(operation, chance, latest),
        who=chance.choice(whom),
        content=_content(operation, chance),
        content_type=TYPES[0] if chance.random() < 0.9 else chance.choice(TYPES),
        headers=chance.choice(HEADERS) if chance.random() < 0.3 else {},
        csrf="good" if chance.random() < 0.85 else chance.choice(["none", "bad"]),
    )


def _path(operation: Operation, chance: random.Random, latest: int) -> str:
    number = (
        str(chance.randint(max(1, latest - 8), latest + 2))
        if chance.random() < 0.9
        else chance.choice(["0", "-1", "x", "9" * 25, "1.0", "01"])
    )
    path = operation.path.removeprefix("/assistant").replace("{conversation_id}", number)
    if chance.random() < 0.04:
        path += chance.choice(["/", "/x", "//", "%00", "%2F"])
    return path + (chance.choice(QUERIES) if operation.paged or chance.random() < 0.1 else "")


def _content(operation: Operation, chance: random.Random) -> str:
    """Generates bodies for methods without one, too."""
    if chance.random() < 0.06:
        return chance.choice(CONTENTS)
    if operation.body is None and chance.random() < 0.9:
        return ""
    return Ask("POST", "/", body=_body(operation, chance)).filled({})[1].decode("utf-8", "surrogatepass")


def _body(operation: Operation, chance: random.Random) -> dict[str, Any]:
    known = list(operation.body.model_fields) if isinstance(operation.body, type) else FIELDS
    body = {
        name: _value(name, chance) for name in known if chance.random() < 0.8 or name in {"text", "message"}
    }
    if chance.random() < 0.08:
        body[chance.choice(FIELDS)] = chance.choice(ODD)
    if "state" in body and chance.random() < 0.7:
        del body["state"]
    return body


def _value(name: str, chance: random.Random) -> Any:
    if chance.random() < 0.08:
        return chance.choice(ODD)
    if name in {"product_id", "read_seq"}:
        return chance.choice([1, 2, 3, None if name == "product_id" else 0])
    return chance.choice(TEXTS[:6]) if chance.random() < 0.7 else chance.choice(TEXTS)
