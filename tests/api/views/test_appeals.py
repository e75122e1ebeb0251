"""Reports, appeals and the counts of a month over the API."""

from typing import Any

import pytest
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.moderation.models import BlockedText, QueueItem
from tests.api.callers import Caller, make_caller, refusal_of

pytestmark = pytest.mark.django_db
APPEALS = "/api/v1/moderation/appeals"


@pytest.fixture
def blocked(buyer: Caller, messages: str) -> int:
    refused = buyer.post(messages, {"text": "quokka threat:0.99"})
    return int(refused["Comity-Decision"].split(", ")[-1])


def appeal(caller: Caller, decision_id: int) -> Any:
    return caller.post(f"/api/v1/decisions/{decision_id}/appeal", {"because": "joke"})


def rule(caller: Caller, appeal_id: int, verdict: str) -> Any:
    return caller.post(f"{APPEALS}/{appeal_id}/resolve", {"verdict": verdict, "reason": "Read."})


def test_author_appeals_and_a_moderator_delivers(
    blocked: int, buyer: Caller, seller: Caller, moderator: Caller, messages: str
) -> None:
    opened = appeal(buyer, blocked)
    assert (opened.status_code, opened.json()["state"]) == (201, "open")
    assert refusal_of(appeal(buyer, blocked)) == (409, "appealed-before")
    assert refusal_of(appeal(seller, blocked)) == (404, "not-found")
    [listed] = moderator.get(f"{APPEALS}?state=open").json()["items"]
    assert (listed["id"], listed["blocked_text_id"], listed["item_id"]) == (
        opened.json()["id"],
        BlockedText.objects.get().pk,
        None,
    )
    assert "quokka" not in moderator.get(APPEALS).text
    read = moderator.get(f"/api/v1/moderation/texts/{listed['blocked_text_id']}?kind=blocked_text")
    assert read.json()["text"] == "quokka threat:0.99"
    ruled = rule(moderator, listed["id"], "overturn").json()
    assert (ruled["state"], ruled["delivered"], ruled["ruled_by"]) == ("overturned", True, moderator.id)
    assert [message["text"] for message in seller.get(messages).json()["items"]] == ["quokka threat:0.99"]
    [mine] = buyer.get("/api/v1/appeals").json()["items"]
    assert (mine["state"], mine["delivered"], "reason" in mine, "ruled_by" in mine) == (
        "overturned",
        True,
        False,
        False,
    )
    assert refusal_of(rule(moderator, listed["id"], "uphold")) == (409, "ruled-already")


def test_same_moderator_is_refused(
    buyer: Caller, moderator: Caller, messages: str, order: dict[str, Any]
) -> None:
    buyer.post(messages, {"text": "insult:0.7"})
    path = f"/api/v1/moderation/queue/{QueueItem.objects.get().pk}"
    moderator.post(f"{path}/claim")
    ruling = moderator.post(f"{path}/resolve", {"verdict": "uphold", "reason": "Rude."})["Comity-Decision"]
    opened = appeal(buyer, int(ruling)).json()["id"]
    assert refusal_of(rule(moderator, opened, "overturn")) == (403, "same-moderator")
    mia = make_caller("mia", Role.MODERATOR)
    assert rule(mia, opened, "overturn").json()["item_id"] == QueueItem.objects.get().pk
    [item] = moderator.get("/api/v1/moderation/queue").json()["items"]
    assert (item["verdict"], item["final_verdict"]) == ("uphold", "overturn")


@pytest.mark.parametrize("surface", ["/assistant", "/assistant/ninja"])
def test_message_to_the_assistant_is_appealed_and_joins_its_conversation(
    surface: str, buyer: Caller, moderator: Caller
) -> None:
    path = f"{surface}/conversations"
    conversation = buyer.post(path, {"message": "Hello there"}).json()["id"]
    refused = buyer.post(f"{path}/{conversation}/messages", {"text": "threat:0.99"})
    decision = refused["Comity-Decision"].split(", ")[-1]
    opened = buyer.post(f"{surface}/decisions/{decision}/appeal", {"because": "misread"})
    assert (opened.status_code, opened.json()["kind"]) == (201, "assistant_message")
    assert rule(moderator, opened.json()["id"], "overturn").json()["delivered"] is True
    assert buyer.get(f"{path}/{conversation}/messages").json()["items"][-1]["text"] == "threat:0.99"


def test_listed_reason_is_checked_by_the_policy_and_its_words_are_kept(
    blocked: int, buyer: Caller, moderator: Caller
) -> None:
    opened = appeal(buyer, blocked).json()["id"]
    path = f"{APPEALS}/{opened}/resolve"
    ruling = {"verdict": "overturn", "reason": "Among friends."}
    for because in ("threat", "boredom"):
        assert refusal_of(moderator.post(path, ruling | {"because": because})) == (403, "reason-not-listed")
    assert refusal_of(moderator.post(path, ruling | {"because": "Not a code"})) == (422, "invalid-request")
    ruled = moderator.post(path, ruling | {"because": "harmless"}).json()
    assert ruled["reason"] == "It is harmless: the words mean something else here. Among friends."
    record = DecisionRecord.objects.get(policy="appeals", rule="appeal-granted")
    assert (record.facts["because"], record.facts["verdict"]) == ("harmless", "overturn")


def test_month_is_counted_without_anything_about_anybody(
    blocked: int, buyer: Caller, seller: Caller, moderator: Caller, messages: str, order: dict[str, Any]
) -> None:
    opened = appeal(buyer, blocked).json()
    rule(moderator, opened["id"], "uphold")
    text_id = buyer.post(messages, {"text": "Hello"}).json()["id"]
    seller.post("/api/v1/reports", {"kind": "chat_message", "text_id": text_id, "because": "spam"})
    path = f"/api/v1/moderation/queue/{QueueItem.objects.get().pk}"
    moderator.post(f"{path}/claim")
    moderator.post(f"{path}/resolve", {"verdict": "uphold", "reason": "Spam."})
    buyer.post(messages, {"text": "threat:0.9+classifier"})
    for party in (buyer, seller):
        party.post(f"/api/v1/orders/{order['id']}/confirmations")
    buyer.post(messages, {"text": "Hello?"})
    counted = moderator.get(f"/api/v1/moderation/statistics?month={timezone.now():%Y-%m}").json()
    assert counted.pop("refusals") == [
        {"policy": "chat", "rule": "chat-locked", "category": None, "count": 1},
        {
            "policy": "moderation_profiles",
            "rule": "blocked[normal/threat]",
            "category": "threat",
            "count": 1,
        },
    ]
    assert counted == {
        "month": f"{timezone.now():%Y-%m}",
        "holds": 1,
        "removals": 1,
        "removals_after_report": 1,
        "locks": 1,
        "reports": {"spam": 1},
        "appeals": {"open": 0, "upheld": 1, "overturned": 0, "withdrawn": 0},
        "appeals_by_reporters": 0,
        "median_hours": 0.0,
    }
    empty = moderator.get("/api/v1/moderation/statistics?month=2020-12").json()
    assert (empty["refusals"], empty["locks"], empty["median_hours"]) == ([], 0, None)


@pytest.mark.parametrize("month", ["", "2026-13", "2026-1", "x", "1999-01", "2026-01-01"])
def test_what_is_no_month_is_refused(month: str, moderator: Caller) -> None:
    answer = moderator.get(f"/api/v1/moderation/statistics?month={month}")
    assert refusal_of(answer) == (422, "invalid-request")
