"""Every operation, called by an authorized caller and by six others, returns what the table says."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse

from tests.api.callers import Caller
from tests.api.matrix import (
    ALIKE,
    ANSWERS,
    COLUMNS,
    call,
    operations,
    routes_that_nobody_lists,
    status_and_code,
)
from tests.api.world import World, existing

UNKNOWN = (
    "product_id",
    "order_id",
    "chat_id",
    "decision_id",
    "item_id",
    "text_id",
    "seller_text_id",
    "report_id",
    "appeal_id",
    "dispute_id",
    "hold_id",
    "media_id",
    "conversation_id",
    "bundle_id",
    "number",
)
NOBODYS = (999_999, 2**64)
"""Numbers of nothing; no database can store the second."""
FOR_OWNERS = (" /console/policies", " /console/changes", " /console/decisions", " /console/try")
FOR_AGENTS = ("/close", "/holds", "/holds/{hold_id}")


def entitled(operation: str) -> str:
    if operation.endswith("/break-glass"):
        return "approver"
    if "/moderation/" in operation:
        return "moderator"
    if operation.endswith(FOR_AGENTS):
        return "agent"
    if "/api/policies" in operation or operation.endswith(" /console/"):
        return "policy_owner"
    if any(page in operation for page in FOR_OWNERS):
        return "policy_owner"
    return "buyer"


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with django_db_blocker.unblock(), existing(tmp_path_factory.mktemp("evidence")) as world:
        yield world


@pytest.fixture
def ids(world: World, db: None) -> dict[str, Any]:
    return world.ids


@pytest.fixture
def callers(world: World, db: None) -> dict[str, Caller]:
    """Without cookies."""
    return {name: Caller(caller.user, caller.token) for name, caller in world.people.items()}


@pytest.mark.parametrize("operation", ANSWERS)
def test_answers_are_as_declared(operation: str, callers: dict[str, Caller], ids: dict[str, Any]) -> None:
    row = [
        status_and_code(tried(operation, callers[whom(operation, column)], ids))
        for column in [*COLUMNS, *ALIKE]
    ]

    declared = dict(zip(COLUMNS, ANSWERS[operation], strict=True))
    declared |= {column: declared[other] for column, other in ALIKE.items()}
    assert dict(zip([*COLUMNS, *ALIKE], row, strict=True)) == declared


@pytest.mark.parametrize("operation", [name for name in ANSWERS if "404 not-found" in ANSWERS[name]])
def test_foreign_is_answered_as_unknown(
    operation: str, callers: dict[str, Caller], ids: dict[str, Any]
) -> None:
    unknown = {**ids, **dict.fromkeys(UNKNOWN, 999_999)}
    for column, cell in zip(COLUMNS, ANSWERS[operation], strict=True):
        if cell == "404 not-found":
            caller = callers[whom(operation, column)]
            answers = [tried(operation, caller, each) for each in (ids, unknown)]
            assert answers[0].content == answers[1].content
            assert set(answers[0].headers) == set(answers[1].headers)


@pytest.mark.parametrize(
    "operation", [name for name in ANSWERS if "_id}" in name and "/console/" not in name]
)
def test_unknown_is_not_found_by_whom_the_operation_is_for(
    operation: str, callers: dict[str, Caller], ids: dict[str, Any]
) -> None:
    for number in NOBODYS:
        unknown = {**ids, **dict.fromkeys(UNKNOWN, number)}
        assert status_and_code(tried(operation, callers[entitled(operation)], unknown)) == "404 not-found"


@pytest.mark.parametrize("operation", [name for name in ANSWERS if "_id}" in name and "/console/" in name])
def test_unknown_page_is_not_found(operation: str, callers: dict[str, Caller], ids: dict[str, Any]) -> None:
    for number in NOBODYS:
        unknown = {**ids, **dict.fromkeys(UNKNOWN, number)}
        assert tried(operation, callers[entitled(operation)], unknown).status_code == 404


def whom(operation: str, column: str) -> str:
    return entitled(operation) if column == "entitled" else column


def tried(operation: str, caller: Caller, ids: dict[str, Any]) -> HttpResponse:
    """The response, with all effects rolled back."""
    create = getattr(transaction, "savepoint_create", transaction.savepoint)  # by its name since Django 6.1
    before = create()  # atomic() would prevent services from opening their own transaction
    answer = call(operation, caller, ids)
    transaction.savepoint_rollback(before)
    return answer


def test_table_has_every_operation() -> None:
    assert set(ANSWERS) == operations()


def test_no_route_is_outside_of_the_table() -> None:
    assert routes_that_nobody_lists() == set()
