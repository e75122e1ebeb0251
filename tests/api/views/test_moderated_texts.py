"""Moderated messages and reviews over HTTP: what authors and readers see."""

from pathlib import Path
from typing import Any

import pytest

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.chats.models import Message
from marketplace.moderation.models import Insult, QueueItem
from marketplace.reviews.models import Review
from tests.api.callers import Caller, make_chat, problem_of, refusal_of, write_review

PREVIEW = "/api/v1/moderation/preview"
QUEUE = "/api/v1/moderation/queue"
CLEAN = {"state": "delivered", **dict.fromkeys(("reason", "message", "support", "decision_id"))}

SWEARING = "profanity:0.95"
HELD = "threat:0.9+classifier"
REPORT = "He wrote threat:1.0+reported"
DESPAIR = "self_harm:0.8"


def texts(caller: Caller, path: str) -> list[tuple[str, str]]:
    return [(item["text"], item["moderation"]["state"]) for item in caller.get(path).json()["items"]]


def resolve(moderator: Caller, verdict: str) -> dict[str, Any]:
    """The only item of the queue, claimed and resolved."""
    [item] = moderator.get(QUEUE).json()["items"]
    assert moderator.post(f"{QUEUE}/{item['id']}/claim").status_code == 200
    response = moderator.post(f"{QUEUE}/{item['id']}/resolve", {"verdict": verdict, "reason": "Seen."})
    assert response.status_code == 200
    return response.json()


def test_blocked_message_is_refused_in_the_words_of_the_policy(buyer: Caller, messages: str) -> None:
    response = buyer.post(messages, {"text": SWEARING})

    assert refusal_of(response) == (403, "blocked")
    document = problem_of(response)
    assert {name: document[name] for name in ("policy", "version", "outcome", "rule", "reason")} == {
        "policy": "moderation_profiles",
        "version": 1,
        "outcome": "block",
        "rule": "blocked[normal/profanity]",
        "reason": "blocked",
    }
    words = (
        "Your message was not sent, because it reads as: profanity. Leave out the swear words. "
        "If nothing arrived, do not confirm the sale."
    )
    assert document["message"] == document["detail"] == words
    assert "support" not in document
    assert (Message.objects.count(), QueueItem.objects.count(), Insult.objects.count()) == (0, 0, 0)
    assert [(record.policy, record.outcome) for record in DecisionRecord.objects.order_by("-pk")[:3]] == [
        ("moderation_queue", "allow"),
        ("moderation_profiles", "block"),
        ("chat", "allow"),
    ]


def test_same_text_in_chat_and_review_and_through_preview_gives_what_the_profiles_say(
    buyer: Caller, seller: Caller, moderator: Caller, sold: dict[str, Any], settings: Any
) -> None:
    """Uses the shipped detectors."""
    settings.MODERATION_PIPELINE = "marketplace.moderation.assembly.assemble"
    text = "It rained the whole fucking week."
    # The chat of the sale is locked, so the message goes to another one.
    lamp = make_chat(buyer, seller)

    answers = [buyer.post(lamp, {"text": text}), write_review(buyer, sold, text)]
    previewed = moderator.post(PREVIEW, {"text": text}).json()
    decisions = previewed["decisions"]

    assert [refusal_of(answer) for answer in answers] == [(403, "blocked")] * 2
    assert [problem_of(answer)["rule"] for answer in answers] == ["blocked[normal/profanity]"] * 2
    assert {mode: (decision["outcome"], decision["rule"]) for mode, decision in decisions.items()} == {
        "normal": ("block", "blocked[normal/profanity]"),
        "dispute": ("allow", "tolerated[dispute/profanity]"),
    }
    assert "classifier" in {signal["detector"] for signal in previewed["signals"]}
    assert (Review.objects.count(), Message.objects.count()) == (0, 0)


def test_threshold_changed_in_the_policy_changes_what_is_blocked(
    buyer: Caller, messages: str, policies: Path
) -> None:
    assert buyer.post(messages, {"text": "spam:0.85"}).status_code == 201
    profiles = policies / "moderation_profiles.yaml"
    row = "- [normal,  spam,      0.50, "
    profiles.write_text(profiles.read_text().replace(f"{row}0.90,", f"{row}0.80,"))
    assert bundles.reload().healthy

    assert refusal_of(buyer.post(messages, {"text": "spam:0.85"})) == (403, "blocked")


def test_locked_chat_says_so_before_anything_is_said_about_the_text(
    buyer: Caller, messages: str, sold: dict[str, Any]
) -> None:
    assert refusal_of(buyer.post(messages, {"text": SWEARING})) == (409, "chat-locked")


def test_flagged_message_is_delivered_and_only_its_author_sees_why(
    buyer: Caller, seller: Caller, messages: str
) -> None:
    sent = buyer.post(messages, {"text": REPORT})

    assert (sent.status_code, sent.json()["moderation"]) == (
        201,
        {
            "state": "delivered",
            "reason": "reported",
            "message": "Thank you for telling us. Somebody of our team will look at what you report.",
            "support": None,
            "decision_id": None,
        },
    )
    assert buyer.get(messages).json()["items"] == [sent.json()]
    assert seller.get(messages).json()["items"] == [{**sent.json(), "moderation": CLEAN}]


def test_support_reaches_whoever_speaks_of_self_harm_and_nobody_else(
    buyer: Caller, seller: Caller, messages: str
) -> None:
    sent = buyer.post(messages, {"text": DESPAIR}).json()

    support = parameter("support")
    assert (sent["moderation"]["reason"], sent["moderation"]["support"]) == ("self-harm", support)
    assert [item["moderation"] for item in seller.get(messages).json()["items"]] == [CLEAN]


def test_blocked_message_of_somebody_in_distress_is_answered_with_support_and_joins_no_queue(
    buyer: Caller, messages: str
) -> None:
    response = buyer.post(messages, {"text": f"{DESPAIR} {SWEARING}"})

    assert refusal_of(response) == (403, "blocked")
    assert problem_of(response)["support"] == parameter("support")
    assert QueueItem.objects.count() == 0


def parameter(name: str) -> Any:
    version = bundles.in_force().policies["moderation_profiles"].all[-1]
    return version.validated.policy.parameters[name].value


def test_held_message_is_seen_by_its_author_until_it_is_overturned(
    buyer: Caller, seller: Caller, moderator: Caller, messages: str
) -> None:
    sent = buyer.post(messages, {"text": HELD})
    assert (sent.status_code, sent.json()["moderation"]["state"]) == (201, "held")
    assert sent.json()["moderation"]["reason"] == "suspected"
    assert (texts(buyer, messages), texts(seller, messages)) == ([(HELD, "held")], [])

    resolve(moderator, "overturn")

    assert texts(buyer, messages) == texts(seller, messages) == [(HELD, "delivered")]


@pytest.mark.parametrize("text", [HELD, REPORT])
def test_upheld_flag_removes_the_message_for_all_but_its_author(
    text: str, buyer: Caller, seller: Caller, moderator: Caller, messages: str
) -> None:
    buyer.post(messages, {"text": text})

    resolve(moderator, "uphold")

    assert (texts(buyer, messages), texts(seller, messages)) == ([(text, "removed")], [])


def test_held_review_is_public_only_when_it_is_overturned(
    anonymous: Caller, buyer: Caller, seller: Caller, moderator: Caller, sold: dict[str, Any]
) -> None:
    path = f"/api/v1/products/{sold['product_id']}/reviews"
    assert write_review(buyer, sold, HELD).json()["moderation"]["state"] == "held"
    seen = [texts(caller, path) for caller in (buyer, seller, anonymous)]
    assert seen == [[(HELD, "held")], [], []]

    resolve(moderator, "overturn")

    seen = [texts(caller, path) for caller in (buyer, seller, anonymous)]
    assert seen == [[(HELD, "delivered")]] * 3
    assert anonymous.get(path).json()["items"][0]["moderation"] == CLEAN


def test_category_that_nobody_could_judge_is_our_trouble_and_not_the_callers(
    buyer: Caller, messages: str, settings: Any
) -> None:
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"

    response = buyer.post(messages, {"text": "Hello"})

    assert refusal_of(response) == (503, "moderation-unavailable")
    assert response["Retry-After"] == "2"
    assert problem_of(response)["outcome"] == "block"
    assert Message.objects.count() == 0
