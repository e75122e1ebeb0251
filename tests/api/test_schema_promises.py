"""Requests that match the schemas are not refused for their form, as checked by schemathesis."""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from api.contract.fields import UNSEEN_BEYOND
from api.management.commands.openapi import render_documents
from api.openapi.operations import OPERATIONS
from tests.api.callers import Caller
from tests.api.described import load

pytestmark = pytest.mark.django_db(transaction=True)

BODIES = [each for each in OPERATIONS if isinstance(each.body, type)]
"""Without lists, since a cursor's signature cannot be generated."""
RARE = re.compile(f"[{UNSEEN_BEYOND}]")


@pytest.fixture
def described(moderator: Caller, settings: Any) -> dict[str, Any]:
    """By the path of an operation."""
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "999999/s")
    documents = [load(json.loads(text)) for text in render_documents().values()]
    return {path: document[path] for document in documents for path in document}


def whole(value: Any) -> Any:
    """JSON Schema accepts 1.0 as an integer, but this API does not."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [whole(item) for item in value]
        case dict():
            return {key: whole(item) for key, item in value.items()}
    return value


def without_facts(body: Any) -> Any:
    """Facts may be any JSON, except for NUL in texts, long numbers and deep nesting, which no schema can express; docs/api.md
    lists them."""
    if isinstance(body, dict) and "items" in body:
        return {**body, "items": [without_facts(item) for item in body["items"]]}
    return {**body, "facts": {}} if isinstance(body, dict) and "facts" in body else body


def without_rarities(body: Any) -> Any:
    """A text that consists only of invisible characters beyond U+FFFF is refused, which the pattern cannot express."""
    match body:
        case str():
            return RARE.sub("x", body)
        case list():
            return [without_rarities(item) for item in body]
        case dict():
            return {key: without_rarities(item) for key, item in body.items()}
    return body


def misfits(operation: Any, headers: dict[str, str], examples: int) -> list[Any]:
    """Valid requests that were refused for their form."""
    refused: list[Any] = []

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        case.headers.pop("Idempotency-Key", None)
        case.body = without_rarities(without_facts(whole(case.body)))
        response = case.call(headers=headers)
        if response.status_code in {400, 422} and "cannot be decided" not in response.text:
            refused.append((case.body, response.text))

    send()
    return refused


def test_what_fits_the_documents_is_not_refused_for_its_form(
    described: dict[str, Any], moderator: Caller, scale: Any
) -> None:
    headers = {"Authorization": f"Bearer {moderator.token}"}
    tried = BODIES if scale.anonymous >= 10_000 else BODIES[::4]
    examples = max(1, scale.anonymous // 500)
    refused = {each.id: misfits(described[each.path][each.method], headers, examples) for each in tried}

    assert {name: cases for name, cases in refused.items() if cases} == {}
    assert len(refused) > (15 if scale.anonymous >= 10_000 else 3)
