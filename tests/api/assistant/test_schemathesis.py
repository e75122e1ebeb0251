"""Responses conform to both OpenAPI documents, as checked by schemathesis."""

import random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.openapi.operations import ASSISTANT, Operation
from tests.api.callers import Caller
from tests.api.described import load

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]

# Without the check that valid bodies are accepted: JSON Schema cannot express that a text must not be blank.
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture
def document(base: str, buyer: Caller) -> Any:
    """With an existing conversation."""
    buyer.post(f"{base}/conversations", {"message": "Where is my parcel?"})
    return load(buyer.get(f"{base}/openapi.json").json())


def misfit_is_refused(context: Any, response: Any, case: schemathesis.Case) -> bool | None:
    """Also accepts 413, which schemathesis does not expect."""
    return None if response.status_code == 413 else negative_data_rejection(context, response, case)


def takes_something(operation: Operation) -> bool:
    return operation.body is not None or operation.paged or "{" in operation.path


TRIED = [(operation, GenerationMode.POSITIVE) for operation in ASSISTANT]
TRIED += [(operation, GenerationMode.NEGATIVE) for operation in ASSISTANT if takes_something(operation)]


def test_answers_keep_to_the_document(document, base, buyer, scale):
    tokens = [{}, {"Authorization": f"Bearer {buyer.token}"}]
    is_small = scale.anonymous < 10_000
    for operation, mode in random.sample(TRIED, len(TRIED) // 8) if is_small else TRIED:
        described = document[operation.path.replace("/assistant", base, 1)][operation.method]
        checks = [*CHECKS, *([misfit_is_refused] if mode is GenerationMode.NEGATIVE else [])]
        tried = try_out(described.as_strategy(generation_mode=mode), tokens, checks, 3 if is_small else 40)
        # Operations with an id in the path are mostly called for objects that do not exist.
        answered = (
            mode is GenerationMode.NEGATIVE
            or "{" in operation.path
            or not tried.isdisjoint(operation.answers)
        )
        assert tried and answered, (operation.id, tried)


def try_out(cases: Any, tokens: list[dict[str, str]], checks: list[Any], examples: int) -> set[int]:
    """Returns the response statuses."""
    statuses: set[int] = set()

    @given(case=cases)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        for headers in tokens:
            statuses.add(case.call_and_validate(headers=headers, checks=checks).status_code)

    send()
    return statuses
