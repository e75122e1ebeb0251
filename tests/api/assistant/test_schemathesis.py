"""What is really answered keeps to both OpenAPI documents, tried by a program that did not write them."""

from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.contract.assistant_operations import OPERATIONS, Operation
from tests.api.callers import Caller

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]

# That every text which fits the document is taken is not among them: no JSON schema says that a text is not blank.
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture
def document(base: str, buyer: Caller) -> Any:
    """With a conversation to talk about."""
    buyer.post(f"{base}/conversations", {"message": "Where is my parcel?"})
    headers = {"Authorization": f"Bearer {buyer.token}"}
    return schemathesis.openapi.from_wsgi(f"{base}/openapi.json", WSGIHandler(), headers=headers)


def misfit_is_refused(context: Any, response: Any, case: schemathesis.Case) -> bool | None:
    """Too large a body is refused as well, which schemathesis does not expect."""
    return None if response.status_code == 413 else negative_data_rejection(context, response, case)


def takes_something(operation: Operation) -> bool:
    return operation.body is not None or operation.paged or "{" in operation.path


TRIED = [(operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
TRIED += [(operation, GenerationMode.NEGATIVE) for operation in OPERATIONS if takes_something(operation)]


def test_answers_keep_to_the_document(document, base, buyer, scale):
    tokens = [{}, {"Authorization": f"Bearer {buyer.token}"}]
    is_small = scale.anonymous < 10_000
    for operation, mode in TRIED[::2] if is_small else TRIED:
        described = document[base + operation.path][operation.method]
        checks = [*CHECKS, *([misfit_is_refused] if mode is GenerationMode.NEGATIVE else [])]
        tried = try_out(described.as_strategy(generation_mode=mode), tokens, checks, 3 if is_small else 40)
        # What has a number in its path is mostly asked about what there is not.
        answered = mode is GenerationMode.NEGATIVE or "{" in operation.path or operation.status in tried
        assert tried and answered, (operation.id, tried)


def try_out(cases: Any, tokens: list[dict[str, str]], checks: list[Any], examples: int) -> set[int]:
    """The statuses that were answered."""
    statuses: set[int] = set()

    @given(case=cases)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        for headers in tokens:
            statuses.add(case.call_and_validate(headers=headers, checks=checks).status_code)

    send()
    return statuses
