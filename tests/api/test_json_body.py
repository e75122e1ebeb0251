"""Hostile bodies on both surfaces give a problem, never a crash."""

import json

import pytest

from api.json_body import pointer_to
from tests.api.callers import Caller, problem_of, refusal_of

PATHS = {"DRF": "/api/v1/reviews", "Ninja": "/api/policies/chat/decide"}

MALFORMED = {
    "not JSON": b"nope",
    "cut off": b'{"text": "a',
    "two documents": b"{} {}",
    "single quotes": b"{'text': 'a'}",
    "trailing comma": b'{"text": "a",}',
    "comment": b'{"text": "a"} // so there',
    "raw NUL": b'{"text": "\x00"}',
    "raw newline in a string": b'{"text": "\n"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "bad UTF-8": b'{"text": "\xff"}',
    "surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "NaN": b'{"rating": NaN}',
    "Infinity": b'{"rating": Infinity}',
    "minus Infinity": b'{"rating": -Infinity}',
    "float that overflows": b'{"rating": 1e999}',
    "integer of 5,000 digits": b'{"rating": ' + b"9" * 5_000 + b"}",
    "float of 5,000 digits": b'{"rating": 0.' + b"9" * 5_000 + b"}",
    "duplicate keys": b'{"rating": 1, "rating": 5}',
    "duplicate keys deep inside": b'{"facts": [{"a": 1, "a": 2}]}',
    "21 levels": b"[" * 21 + b"]" * 21,
    "30,000 levels": b"[" * 30_000,
    "30,000 objects": b'{"a":' * 10_000,
    "string that never ends": b'"' + b'\\"' * 30_000,
}

UNSTORABLE = {
    "NUL": (rb'{"text": "a\u0000b"}', "/text"),
    "lone high surrogate": (rb'{"text": "\ud800"}', "/text"),
    "lone low surrogate": (rb'{"facts": {"names": ["ok", "\udfff"]}}', "/facts/names/1"),
    "surrogates in the wrong order": (rb'{"text": "\udc00\ud800"}', "/text"),
    "NUL in a key": (rb'{"facts": {"a\u0000b": 1}}', "/facts"),
}


@pytest.mark.parametrize("surface", PATHS)
@pytest.mark.parametrize("body", MALFORMED)
def test_malformed_body_is_refused(body: str, surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(PATHS[surface], MALFORMED[body])

    assert refusal_of(response) == (400, "malformed-json")


@pytest.mark.parametrize("surface", PATHS)
@pytest.mark.parametrize("body", UNSTORABLE)
def test_text_that_no_database_keeps_is_refused(body: str, surface: str, policy_owner: Caller) -> None:
    content, pointer = UNSTORABLE[body]

    response = policy_owner.send(PATHS[surface], content)

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == [pointer]


@pytest.mark.parametrize("surface", PATHS)
@pytest.mark.parametrize("value", [[], "text", 5, None, True])
def test_anything_but_an_object_is_refused(value: object, surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(PATHS[surface], json.dumps(value).encode())

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == [""]


@pytest.mark.parametrize("surface", PATHS)
def test_ten_megabytes_are_refused_unread(surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(PATHS[surface], b'"' + b"x" * 10_000_000 + b'"')

    assert refusal_of(response) == (413, "body-too-large")


def test_body_of_just_the_limit_is_read(policy_owner: Caller) -> None:
    longest = b'{"text": "' + b"x" * (64 * 1024 - 12) + b'"}'

    assert refusal_of(policy_owner.send(PATHS["DRF"], longest)) == (422, "invalid-request")
    assert refusal_of(policy_owner.send(PATHS["DRF"], longest + b" ")) == (413, "body-too-large")


def test_facts_may_be_longer_than_other_bodies(policy_owner: Caller) -> None:
    body = {"facts": {"names": ["x" * 1_000] * 500}}

    assert policy_owner.post(PATHS["Ninja"], body).status_code == 200


def test_twenty_levels_are_read(policy_owner: Caller) -> None:
    nested: object = 1
    for _ in range(18):
        nested = [nested]

    assert policy_owner.post(PATHS["Ninja"], {"facts": {"nested": nested}}).status_code == 200


def test_brackets_in_strings_are_not_levels(policy_owner: Caller) -> None:
    response = policy_owner.post(PATHS["Ninja"], {"facts": {"text": '\\"[' * 1_000}})

    assert response.status_code == 200


def test_many_misfits_are_named_in_a_short_answer(policy_owner: Caller) -> None:
    response = policy_owner.post(PATHS["DRF"], {f"unknown_{number}": number for number in range(2_000)})

    assert refusal_of(response) == (422, "invalid-request")
    assert len(problem_of(response)["errors"]) == 20


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [((), ""), (("items", 0, "text"), "/items/0/text"), (("a/b", "c~d"), "/a~1b/c~0d"), (("",), "/")],
)
def test_pointer_is_written_as_rfc_6901_says(steps: tuple[str | int, ...], pointer: str) -> None:
    assert pointer_to(*steps) == pointer
