"""Moderated dispute messages over HTTP, in dispute mode: anger passes, threats do not, and held texts are held."""

from typing import Any

import pytest

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.disputes.models import Dispute, DisputeMessage
from marketplace.moderation.models import QueueItem
from tests.api.callers import Caller, make_caller, refusal_of

DISPUTES = "/api/v1/disputes"
QUEUE = "/api/v1/moderation/queue"
SWEARING = "profanity:0.95"
THREAT = "threat:0.9"
HELD = "threat:0.9+classifier"


@pytest.fixture
def thread(buyer: Caller, sold: dict[str, Any]) -> str:
    dispute = buyer.post(DISPUTES, {"order_id": sold["id"], "text": "It arrived broken."}).json()
    return f"{DISPUTES}/{dispute['id']}/messages"


def states(caller: Caller, thread: str) -> list[tuple[str, str]]:
    return [(item["text"], item["moderation"]["state"]) for item in caller.get(thread).json()["items"]]


def test_what_a_chat_refuses_a_dispute_tolerates(buyer: Caller, thread: str) -> None:
    assert buyer.post(thread, {"text": SWEARING}).status_code == 201
    record = DecisionRecord.objects.latest("pk")
    assert (record.policy, record.rule, record.outcome) == (
        "moderation_profiles",
        "tolerated[dispute/profanity]",
        "allow",
    )


def test_threat_is_refused_and_nothing_is_written(buyer: Caller, thread: str) -> None:
    assert refusal_of(buyer.post(thread, {"text": THREAT})) == (403, "blocked")
    assert (DisputeMessage.objects.count(), QueueItem.objects.count()) == (1, 0)


def test_dispute_is_not_opened_with_a_threat(buyer: Caller, sold: dict[str, Any]) -> None:
    refused = buyer.post(DISPUTES, {"order_id": sold["id"], "text": THREAT})
    assert refusal_of(refused) == (403, "blocked")
    assert Dispute.objects.count() == 0
    assert [(r.policy, r.outcome) for r in DecisionRecord.objects.order_by("-pk")[:3]] == [
        ("moderation_queue", "allow"),
        ("moderation_profiles", "block"),
        ("disputes", "allow"),
    ]


def test_held_message_is_its_authors_until_a_moderator_lets_it_through(
    buyer: Caller, seller: Caller, moderator: Caller, thread: str
) -> None:
    assert buyer.post(thread, {"text": HELD}).json()["moderation"]["state"] == "held"
    assert states(buyer, thread)[1:] == [(HELD, "held")]
    assert states(seller, thread)[1:] == states(make_caller("ada", Role.AGENT), thread)[1:] == []

    [item] = moderator.get(QUEUE).json()["items"]
    assert (item["kind"], item["text"]) == ("dispute_message", HELD)
    moderator.post(f"{QUEUE}/{item['id']}/claim")
    moderator.post(f"{QUEUE}/{item['id']}/resolve", {"verdict": "overturn", "reason": "A figure of speech."})
    assert states(seller, thread)[1:] == [(HELD, "delivered")]
