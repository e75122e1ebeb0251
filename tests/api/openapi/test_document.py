"""The committed documents are those of the code, and every operation is in one of them."""

from pathlib import Path

import pytest
from django.core.management import call_command

from api.management.commands.openapi import render_documents
from api.openapi import document
from api.openapi.document import Undescribed, build_document, routes
from api.openapi.operations import OPERATIONS
from tests.api.callers import Caller
from tests.api.matrix import ANSWERS

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi"


@pytest.mark.parametrize("name", ["marketplace.json", "policies.json"])
def test_committed_document_is_current(name: str) -> None:
    message = "run `manage.py openapi docs/openapi` and read the difference"

    assert (COMMITTED / name).read_text() == render_documents()[name], message


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    assert {(method, path) for method, path, _ in routes()} == set(OPERATIONS)


def test_route_that_nobody_described_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {key: operation for key, operation in OPERATIONS.items() if key != ("POST", "/api/v1/orders")}
    monkeypatch.setattr(document, "OPERATIONS", rest)

    with pytest.raises(Undescribed, match="`POST /api/v1/orders`"):
        build_document.__wrapped__()


def test_names_of_operations_are_unique() -> None:
    methods = [method for path in build_document()["paths"].values() for method in path.values()]

    assert len({method["operationId"] for method in methods}) == len(methods)


def test_every_reference_leads_somewhere() -> None:
    text = render_documents()["marketplace.json"]
    schemas = build_document()["components"]["schemas"]

    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(schemas)


def test_anybody_may_read_the_document(anonymous: Caller) -> None:
    assert anonymous.get("/api/v1/openapi.json").json() == build_document()


def test_command_writes_both_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("openapi", tmp_path)

    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == render_documents()


@pytest.mark.parametrize(("method", "path"), list(OPERATIONS))
def test_every_declared_answer_is_in_the_document(method: str, path: str) -> None:
    told = set(build_document()["paths"][path][method.lower()]["responses"])

    assert {cell[:3] for cell in ANSWERS[f"{method} {path}"]} <= told
