"""Every operation, asked by whom it is for and by six others: the answer is the one that the table declares."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import Role
from marketplace.catalog.models import Product
from marketplace.moderation.models import QueueItem
from tests.api.callers import Caller, make_caller, make_product
from tests.api.forms import send_file
from tests.api.hostile_files import PDF
from tests.api.matrix import ANSWERS, COLUMNS, call, operations, routes_that_nobody_lists, told
from tests.evidence import local_evidence

UNKNOWN = (
    "product_id",
    "order_id",
    "chat_id",
    "item_id",
    "dispute_id",
    "hold_id",
    "media_id",
    "conversation_id",
)
FOR_AGENTS = ("/close", "/holds", "/holds/{hold_id}")


def entitled(operation: str) -> str:
    if "/moderation/" in operation:
        return "moderator"
    if operation.endswith(FOR_AGENTS):
        return "agent"
    return "policy_owner" if "/api/policies" in operation else "buyer"


@pytest.fixture
def ids(
    buyer: Caller,
    seller: Caller,
    ada: Caller,
    desk: Product,
    order: dict[str, Any],
    messages: str,
    evidence: Path,
) -> dict[str, Any]:
    """An order that nobody has confirmed, its chat with a flagged message, a product that was sold and is disputed, and
    another that was sold."""
    buyer.post(messages, {"text": "insult:0.6"})
    sold = make_product(seller, "Oak chair")
    sale = buyer.post("/api/v1/orders", {"product_id": sold.pk}).json()
    for side in (buyer, seller):
        side.post(f"/api/v1/orders/{sale['id']}/confirmations")
    return {
        **disputed(buyer, seller, ada, sale["id"]),
        "product_id": desk.pk,
        "lamp_id": make_product(seller, "Brass lamp").pk,
        "sold_id": sold.pk,
        "order_id": order["id"],
        "chat_id": order["chat_id"],
        "item_id": QueueItem.objects.get().pk,
        "conversation_id": buyer.post("/assistant/conversations", {"message": "Can I review it?"}).json()[
            "id"
        ],
        "name": "chat",
    }


def disputed(buyer: Caller, seller: Caller, agent: Caller, sale_id: int) -> dict[str, Any]:
    """A dispute with a file and a hold, and a sale without one."""
    dispute = buyer.post("/api/v1/disputes", {"order_id": sale_id, "text": "It is broken."}).json()["id"]
    hold = agent.post(f"/api/v1/disputes/{dispute}/holds", {"reason": "A court asks."}).json()
    media = send_file(buyer, f"/api/v1/disputes/{dispute}/media", PDF, "receipt.pdf").json()
    second = make_product(seller, "Bookcase")
    sale = buyer.post("/api/v1/orders", {"product_id": second.pk}).json()
    for side in (buyer, seller):
        side.post(f"/api/v1/orders/{sale['id']}/confirmations")
    return {
        "dispute_id": dispute,
        "hold_id": hold["id"],
        "media_id": media["id"],
        "second_sale_id": sale["id"],
    }


@pytest.fixture
def evidence(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Path:
    return local_evidence(request, settings, tmp_path / "evidence")


@pytest.fixture
def ada(db: None) -> Caller:
    return make_caller("ada", Role.AGENT)


@pytest.fixture
def callers(
    ids: dict[str, Any],
    buyer: Caller,
    other_buyer: Caller,
    ada: Caller,
    moderator: Caller,
    policy_owner: Caller,
) -> dict[str, Caller]:
    banned, deleted = (make_caller(name, Role.BUYER) for name in ("banned", "deleted"))
    banned.user.is_active = False
    banned.user.save()
    erase_account(user_id=deleted.id, now=timezone.now())
    return {
        "buyer": buyer,
        "moderator": moderator,
        "policy_owner": policy_owner,
        "other_buyer": other_buyer,
        "other_seller": make_caller("sue", Role.SELLER),
        "anonymous": Caller(),
        "agent": ada,
        "banned": banned,
        "deleted": deleted,
    }


@pytest.mark.parametrize("operation", ANSWERS)
def test_answers_are_as_declared(operation: str, callers: dict[str, Caller], ids: dict[str, Any]) -> None:
    row = [told(tried(operation, callers[whom(operation, column)], ids)) for column in COLUMNS]

    assert dict(zip(COLUMNS, row, strict=True)) == dict(zip(COLUMNS, ANSWERS[operation], strict=True))


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


@pytest.mark.parametrize("operation", [name for name in ANSWERS if "_id}" in name])
def test_unknown_is_not_found_by_whom_the_operation_is_for(
    operation: str, callers: dict[str, Caller], ids: dict[str, Any]
) -> None:
    unknown = {**ids, **dict.fromkeys(UNKNOWN, 999_999)}

    assert told(tried(operation, callers[entitled(operation)], unknown)) == "404 not-found"


def whom(operation: str, column: str) -> str:
    return entitled(operation) if column == "entitled" else column


def tried(operation: str, caller: Caller, ids: dict[str, Any]) -> HttpResponse:
    """What is answered, without what it does."""
    before = transaction.savepoint()  # a block would keep services from opening theirs
    answer = call(operation, caller, ids)
    transaction.savepoint_rollback(before)
    return answer


def test_table_has_every_operation() -> None:
    assert set(ANSWERS) == operations()


def test_no_route_is_outside_of_the_table() -> None:
    assert routes_that_nobody_lists() == set()
