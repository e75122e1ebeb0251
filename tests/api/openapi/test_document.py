"""The committed documents match the code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
from django.core.management import call_command
from ninja import NinjaAPI

from api.contract.accounts import UserBody
from api.contract.disputes import DisputeBody, MediaBody
from api.contract.moderation import QueueItemBody, ResolveRequest, ThreadBody
from api.contract.orders import OrderBody
from api.management.commands.openapi import render_documents
from api.openapi import document
from api.openapi.document import Undescribed, find_operation
from api.openapi.operations import ASSISTANT, BY_ID, BY_ROUTE, OPERATIONS, Operation
from api.openapi.routes import assistant_document, marketplace_document, routes
from api.problems import KINDS
from api.routers.assistant import assistant_api
from api.routers.policies import policy_api
from marketplace.accounts.models import Role
from marketplace.disputes.media.kinds import KINDS as MEDIA_KINDS
from marketplace.disputes.states import DisputeStatus, MediaState
from marketplace.moderation.models import Kind, State, Verdict
from marketplace.moderation.thread import Thread
from marketplace.orders.models import Status
from tests.api.callers import Caller
from tests.api.matrix import ANSWERS

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi"
NAMES = ["assistant.json", "marketplace.json", "policies.json"]


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return {name: json.loads(text) for name, text in render_documents().items()}


def described(documents: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for each in documents.values()
        for path, methods in each["paths"].items()
        for method, operation in methods.items()
    }


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(item)


def follow(part: Any, whole: Any) -> Any:
    """The part with all references resolved; there are no cycles."""
    if isinstance(part, dict) and "$ref" in part:
        kind, name = part["$ref"].removeprefix("#/components/").split("/")
        return follow(whole["components"][kind][name], whole)
    if isinstance(part, dict):
        return {key: follow(value, whole) for key, value in part.items()}
    return [follow(item, whole) for item in part] if isinstance(part, list) else part


@pytest.mark.parametrize("name", NAMES)
def test_committed_document_is_current(name: str) -> None:
    message = "run `manage.py openapi docs/openapi` and read the difference"

    assert (COMMITTED / name).read_text() == render_documents()[name], message


def test_command_writes_every_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("openapi", tmp_path)

    assert sorted(file.name for file in tmp_path.iterdir()) == NAMES
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == render_documents()


def test_every_operation_of_the_table_is_in_one_document(documents: dict[str, Any]) -> None:
    assert len(BY_ID) == len(BY_ROUTE) == len(OPERATIONS)
    assert {key: each["operationId"] for key, each in described(documents).items()} == {
        key: operation.id for key, operation in BY_ROUTE.items()
    }


def test_views_ask_whom_the_table_names() -> None:
    asked = {(method, path): view.access for method, path, view in routes()}

    assert asked == {key: BY_ROUTE[key].access for key in asked}
    assert asked.keys() == {key for key in BY_ROUTE if not key[1].startswith("/api/policies")}


@pytest.mark.parametrize(
    ("api", "root", "table"),
    [
        (policy_api, "api/", [each for each in OPERATIONS if each.path.startswith("/api/policies")]),
        (assistant_api, "assistant/", ASSISTANT),
    ],
    ids=["policies", "assistant"],
)
def test_ninja_reads_what_the_table_says(api: NinjaAPI, root: str, table: list[Operation]) -> None:
    """Uses Ninja's own document, which is based on function signatures."""
    own = NinjaAPI.get_openapi_schema(api, path_prefix=root)
    read = {
        (method.upper(), path): (
            {each["name"] for each in operation["parameters"]},
            [
                part["$ref"].rpartition("/")[2]
                for part in parts(operation.get("requestBody"))
                if "$ref" in part
            ],
        )
        for path, methods in own["paths"].items()
        for method, operation in methods.items()
        if method != "head"
    }

    assert read == {
        (each.method, each.path): (
            {
                name
                for name in ("name", "conversation_id", "bundle_id", "decision_id")
                if f"{{{name}}}" in each.path
            },
            [each.body.__name__] if isinstance(each.body, type) else [],
        )
        for each in table
    }


def test_route_that_nobody_described_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {key: each for key, each in BY_ROUTE.items() if key != ("POST", "/api/v1/orders")}
    monkeypatch.setattr(document, "BY_ROUTE", rest)

    with pytest.raises(Undescribed, match="`POST /api/v1/orders`"):
        marketplace_document.__wrapped__()


def test_anybody_may_read_the_document_of_the_marketplace(
    anonymous: Caller, documents: dict[str, Any]
) -> None:
    assert anonymous.get("/api/v1/openapi.json").json() == documents["marketplace.json"]


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere_and_every_part_is_used(name: str, documents: dict[str, Any]) -> None:
    whole = documents[name]
    used = {part["$ref"] for part in parts(whole) if "$ref" in part}
    there = {
        f"#/components/{kind}/{each}"
        for kind, components in whole["components"].items()
        for each in components
        if kind != "securitySchemes"
    }

    assert used == there


def test_sign_in_is_described_for_every_operation(documents: dict[str, Any]) -> None:
    for (method, path), operation in described(documents).items():
        session = {"session": []} if method == "GET" else {"session": [], "csrf": []}
        either = [{"token": []}, session]
        assert operation["security"] in ([], [{"token": []}], either, [{}, *either]), (method, path)
    for whole in documents.values():
        schemes = whole["components"]["securitySchemes"]
        assert {name: (each["type"], each.get("in"), each.get("name")) for name, each in schemes.items()} == {
            "token": ("http", None, None),
            "session": ("apiKey", "cookie", "sessionid"),
            "csrf": ("apiKey", "header", "X-CSRFToken"),
        }


def test_only_a_token_can_revoke_itself(documents: dict[str, Any]) -> None:
    operation = described(documents)["DELETE", "/api/auth/tokens/current"]
    assert operation["security"] == [{"token": []}]


def test_deprecation_headers_are_described_for_the_surface_that_sends_them() -> None:
    def responses(document: dict[str, Any]) -> list[set[str]]:
        operations = [operation for methods in document["paths"].values() for operation in methods.values()]
        return [
            set(follow(response, document)["headers"])
            for operation in operations
            for response in operation["responses"].values()
        ]

    drf, ninja = assistant_document(), assistant_api.get_openapi_schema(path_prefix="assistant/ninja/")
    names = {"Deprecation", "Sunset", "Link"}
    assert all(names <= headers for headers in responses(drf))
    assert all(names.isdisjoint(headers) for headers in responses(ninja))


def test_key_is_described_where_it_means_something(documents: dict[str, Any]) -> None:
    for (method, path), operation in described(documents).items():
        keys = [each for each in operation.get("parameters", ()) if each["name"] == "Idempotency-Key"]
        assert len(keys) == (
            method == "POST" and {} not in operation["security"] and operation["security"] != []
        )
        for key in keys:
            assert not key["required"]
            assert "Idempotency-Replayed" in next(iter(operation["responses"].values()))["headers"], path
            assert "409" in operation["responses"], path


def test_every_answer_names_its_headers(documents: dict[str, Any]) -> None:
    for whole in documents.values():
        for operation in described({"one": whole}).values():
            for status, answer in operation["responses"].items():
                headers = follow(answer, whole)["headers"]
                assert {"X-Request-ID", "Comity-Bundle", "Comity-Decision"} <= headers.keys()
                assert ("Retry-After" in headers) == (status in {"409", "429", "503"})
                assert ("WWW-Authenticate" in headers) == (status == "401")


def test_refusals_are_problem_documents_and_name_their_codes(documents: dict[str, Any]) -> None:
    for whole in documents.values():
        for operation in described({"one": whole}).values():
            refusals = {
                status: follow(each, whole)
                for status, each in operation["responses"].items()
                if status >= "4"
            }
            assert {"400", "429", "500", "503"} <= refusals.keys()
            for status, refusal in refusals.items():
                assert list(refusal["content"]) == ["application/problem+json"]
                assert all(
                    f"`{code}`" in refusal["description"]
                    for code, (of, _) in KINDS.items()
                    if str(of) == status
                )


def test_every_answer_of_the_matrix_is_in_the_document(documents: dict[str, Any]) -> None:
    everything, seen = described(documents), set()
    for name, row in ANSWERS.items():
        method, _, path = name.partition(" ")
        if path.startswith(("/api/", "/assistant/")) and not path.endswith(("/openapi.json", "/demo")):
            operation = find_operation(method, path)
            seen.add(operation.id)
            assert {cell[:3] for cell in row} <= everything[operation.method, operation.path][
                "responses"
            ].keys(), name

    assert seen == set(BY_ID)


@pytest.mark.parametrize("name", NAMES)
def test_answers_may_grow_and_requests_may_not(name: str, documents: dict[str, Any]) -> None:
    whole = documents[name]
    for operation in described({"one": whole}).values():
        answers = list(parts(follow(operation["responses"], whole)))
        assert [part for part in answers if part.get("additionalProperties") is False] == []
        for part in parts(follow(operation.get("requestBody", {}), whole)):
            if "properties" in part and "type" in part:
                assert part["additionalProperties"] is False


@pytest.mark.parametrize("name", ["", "chat.yaml\0", "x" * 201])
def test_key_that_is_refused_does_not_fit_the_document(name: str, documents: dict[str, Any]) -> None:
    schema = follow(
        documents["policies.json"]["components"]["schemas"]["BundleRequest"], documents["policies.json"]
    )
    fits = jsonschema_rs.validator_for(schema)

    assert fits.is_valid({"files": {"chat.yaml": "text"}})
    assert not fits.is_valid({"files": {"chat.yaml": 1}})
    assert not fits.is_valid({"files": {name: "text"}})


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_a_mapping_has_its_form(name: str, documents: dict[str, Any]) -> None:
    """`patternProperties` would say nothing about keys that match no pattern."""
    assert [part for part in parts(documents[name]) if "patternProperties" in part] == []


def test_body_is_required_unless_an_empty_one_is_taken(documents: dict[str, Any]) -> None:
    actual = {
        each["operationId"]: each["requestBody"]["required"]
        for each in described(documents).values()
        if "requestBody" in each
    }

    assert {name for name, required in actual.items() if not required} == {
        "confirm_order",
        "claim_item",
        "release_item",
        "make_report",
        "activate_bundle",
        "withdraw_bundle",
        "roll_back_bundle",
        "review_bundle",
    }
    assert documents["assistant.json"]["components"]["schemas"]["ChangeRequest"]["minProperties"] == 1


@pytest.mark.parametrize("name", NAMES)
def test_bodies_are_no_unions(name: str, documents: dict[str, Any]) -> None:
    """Client generators create a type per alternative, or drop the shared fields."""
    for schema in documents[name]["components"]["schemas"].values():
        assert schema["type"] == "object"
        assert schema.keys().isdisjoint({"anyOf", "oneOf", "allOf"})


@pytest.mark.parametrize("name", NAMES)
def test_patterns_mean_the_same_with_and_without_the_unicode_flag(
    name: str, documents: dict[str, Any]
) -> None:
    """They do not for characters beyond U+FFFF."""
    patterns = {part["pattern"] for part in parts(documents[name]) if isinstance(part.get("pattern"), str)}

    assert patterns
    assert [each for each in patterns if not each.isascii() or "(?" in each.replace("(?:", "")] == []


@pytest.mark.parametrize(
    ("body", "field", "values"),
    [
        (OrderBody, "status", Status),
        (UserBody, "role", Role),
        (DisputeBody, "status", DisputeStatus),
        (MediaBody, "state", MediaState),
        (MediaBody, "kind", [kind.name for kind in MEDIA_KINDS]),
        (QueueItemBody, "kind", Kind),
        (QueueItemBody, "state", State),
        (QueueItemBody, "verdict", Verdict),
        (ResolveRequest, "verdict", Verdict),
        (ThreadBody, "kind", get_args(Thread.__annotations__["kind"])),
    ],
)
def test_values_are_those_of_the_models(
    body: Any, field: str, values: Any, documents: dict[str, Any]
) -> None:
    whole = documents["marketplace.json"]
    schema = whole["components"]["schemas"][body.__name__]["properties"][field]
    enum = next(part["enum"] for part in parts(follow(schema, whole)) if "enum" in part)

    assert sorted(enum) == sorted(map(str, values))


def test_files_are_answered_as_types_that_generators_know(documents: dict[str, Any]) -> None:
    answer = documents["marketplace.json"]["paths"]["/api/v1/media/{media_id}/content"]["get"]["responses"][
        "200"
    ]

    assert list(answer["content"]) == ["application/octet-stream", *(kind.media_type for kind in MEDIA_KINDS)]
