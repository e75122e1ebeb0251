"""The people and objects for calls of every operation. Created once per test file, since that is slower than the calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import Role
from marketplace.chats.models import Message
from marketplace.moderation.models import QueueItem
from marketplace.publishing.models import Publication
from marketplace.publishing.people import approvers
from tests.api.callers import Caller, make_caller, make_product
from tests.api.forms import send_file
from tests.api.hostile_files import PDF
from tests.evidence import install


@dataclass(frozen=True)
class World:
    ids: dict[str, Any]
    people: dict[str, Caller]


@contextmanager
def existing(folder: Path) -> Iterator[World]:
    """Exists for the block, with its evidence in the folder. Tests run in transactions nested in its own."""
    local = {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder}}
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # so that services may open their own transactions
    with override_settings(STORAGES={**settings.STORAGES, "evidence": local}), outer:
        install()
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    """An unconfirmed order; its chat with a flagged, two blocked and two other messages; a report and an appeal; a sold and
    disputed product, and another sold one."""
    buyer, seller = make_caller("bea", Role.BUYER), make_caller("sam", Role.SELLER)
    agent = make_caller("ada", Role.AGENT)
    desk, sold = make_product(seller), make_product(seller, "Oak chair")
    order = buyer.post("/api/v1/orders", {"product_id": desk.pk}).json()
    chat = f"/api/v1/chats/{order['chat_id']}/messages"
    buyer.post(chat, {"text": "insult:0.6"})
    blocked = [refusal_in(buyer.post(chat, {"text": f"threat:0.99 {number}"})) for number in range(2)]
    reported, other = (seller.post(chat, {"text": "It is oak."}).json()["id"] for _ in range(2))
    report = {"kind": "chat_message", "text_id": reported, "because": "fraud"}
    because = {"because": "joke"}
    sale = buyer.post("/api/v1/orders", {"product_id": sold.pk}).json()
    for side in (buyer, seller):
        side.post(f"/api/v1/orders/{sale['id']}/confirmations")
    talk = buyer.post("/assistant/conversations", {"message": "Can I review it?"}).json()
    ids = {
        **disputed(buyer, seller, agent, sale["id"]),
        "product_id": desk.pk,
        "lamp_id": make_product(seller, "Brass lamp").pk,
        "sold_id": sold.pk,
        "order_id": order["id"],
        "chat_id": order["chat_id"],
        "decision_id": blocked[0],
        "item_id": (item := QueueItem.objects.earliest("pk")).pk,
        "text_id": Message.objects.get(queue_item=item).pk,
        "seller_text_id": other,
        "report_id": buyer.post("/api/v1/reports", report).json()["id"],
        "appeal_id": buyer.post(f"/api/v1/decisions/{blocked[1]}/appeal", because).json()["id"],
        "conversation_id": talk["id"],
        "name": "chat",
        "bundle_id": (bundle := empty_bundle()).pk,
        "number": bundle.pk,
        "code": "chat-locked",
        "uidb64": "MQ",
        "token": "of-another-time",
    }
    banned, deleted = (make_caller(name, Role.BUYER) for name in ("banned", "deleted"))
    banned.user.is_active = False
    banned.user.save()
    erase_account(user_id=deleted.id, now=timezone.now())
    approver = make_caller("amy", Role.BUYER)
    assert approver.user is not None
    approver.user.groups.add(approvers())
    people = {
        "buyer": buyer,
        "moderator": make_caller("max", Role.MODERATOR),
        "policy_owner": make_caller("pia", Role.POLICY_OWNER),
        "approver": approver,
        "other_buyer": make_caller("ben", Role.BUYER),
        "other_seller": make_caller("sue", Role.SELLER),
        "anonymous": Caller(),
        "agent": agent,
        "banned": banned,
        "deleted": deleted,
        "staff_without_role": make_caller("stan", Role.BUYER, is_staff=True),
    }
    return World(ids, people)


def refusal_in(response: HttpResponse) -> int:
    """The decision that refused the request."""
    return int(response["Comity-Decision"].split(", ")[-1])


def empty_bundle() -> Publication:
    """By somebody who is not asked, without files."""
    author = make_caller("pat", Role.POLICY_OWNER).user
    assert author is not None
    return Publication.objects.create(
        digest="sha256:0",
        engine="0",
        files={},
        strangers=[],
        published_by=author,
        published_at=timezone.now(),
    )


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
