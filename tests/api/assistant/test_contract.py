"""Both surfaces serve the same operations, and their documents promise the same."""

import pytest

from api.openapi.operations import ASSISTANT
from api.parity.contracts import contracts
from tests.api.assistant.conftest import SURFACES
from tests.api.callers import Caller, refusal_of

OWN = {"Content-Length", "X-Request-ID"}


def test_both_documents_promise_the_same():
    digests = contracts()
    assert digests["drf"] == digests["ninja"]


def test_every_operation_of_the_table_is_served_and_no_other():
    table = {f"{operation.method} {operation.path.removeprefix('/assistant')}" for operation in ASSISTANT}
    assert {name: set(contract) for name, contract in contracts().items()} == {"drf": table, "ninja": table}


@pytest.mark.django_db
def test_documents_are_for_whoever_is_signed_in(base, buyer):
    document = buyer.get(f"{base}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert f"{base}/session" in document["paths"]
    assert refusal_of(Caller().get(f"{base}/openapi.json")) == (401, "unauthenticated")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_documents_are_only_read(base, buyer, method):
    headers = {"Authorization": f"Bearer {buyer.token}"}
    response = buyer.client.generic(method, f"{base}/openapi.json", headers=headers)
    assert refusal_of(response) == (405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD"


@pytest.mark.django_db
def test_documents_come_with_the_same_headers(buyer):
    responses = [buyer.get(f"{base}/openapi.json").headers for base in SURFACES.values()]
    drf, ninja = (
        {name: value for name, value in headers.items() if name not in OWN} for headers in responses
    )
    assert drf == ninja
