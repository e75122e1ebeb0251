"""Chat messages over HTTP, until the chat is locked."""

from typing import Any

import pytest

from marketplace.chats.models import Message
from tests.api.callers import Caller, problem_of, refusal_of


def test_message_is_answered_with_its_place_in_the_chat(buyer: Caller, messages: str) -> None:
    response = buyer.post(messages, {"text": "Is it still there?"})

    saved = Message.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": saved.pk,
        "seq": 1,
        "author_id": buyer.id,
        "text": "Is it still there?",
        "sent_at": response.json()["sent_at"],
        "moderation": {
            "state": "delivered",
            **dict.fromkeys(("reason", "message", "support", "decision_id")),
        },
    }


def test_messages_of_both_are_listed_in_order_in_three_queries(
    buyer: Caller, seller: Caller, messages: str, django_assert_num_queries: Any
) -> None:
    sent = [caller.post(messages, {"text": "…"}).json() for caller in (buyer, seller, buyer)]

    with django_assert_num_queries(3):
        response = seller.get(messages)

    assert [message["seq"] for message in sent] == [1, 2, 3]
    assert response.json() == {"items": sent, "next": None}


def test_locked_chat_takes_no_message_and_can_still_be_read(
    buyer: Caller, seller: Caller, messages: str, order: dict[str, Any]
) -> None:
    sent = buyer.post(messages, {"text": "I take it"}).json()
    for caller in (seller, buyer):
        caller.post(f"/api/v1/orders/{order['id']}/confirmations")

    refusals = [caller.post(messages, {"text": "One more thing"}) for caller in (buyer, seller)]

    assert [refusal_of(refused) for refused in refusals] == [(409, "chat-locked")] * 2
    assert problem_of(refusals[0])["policy"] == "chat"
    assert buyer.get(messages).json() == {"items": [sent], "next": None}


def test_foreign_chat_is_answered_as_an_unknown_one(other_buyer: Caller, messages: str, order: Any) -> None:
    unknown = "/api/v1/chats/999999/messages"

    for answer_to in (lambda path: other_buyer.post(path, {"text": "Hello"}), other_buyer.get):
        foreign = answer_to(messages)
        assert refusal_of(foreign) == (404, "not-found")
        assert foreign.content == answer_to(unknown).content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "String should have at least 1 character"),
        (" \n\t ", "Text should not be blank"),
        ("x" * 4_001, "String should have at most 4000 characters"),
        (5, "Input should be a valid string"),
        (None, "Input should be a valid string"),
    ],
)
def test_unfit_text_is_refused(text: Any, message: str, buyer: Caller, messages: str) -> None:
    response = buyer.post(messages, {"text": text})

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"] == [{"pointer": "/text", "message": message}]


def test_longest_text_is_taken_in_any_script(buyer: Caller, messages: str) -> None:
    text = "🪑" * 4_000

    response = buyer.post(messages, {"text": text})

    assert (response.status_code, response.json()["text"]) == (201, text)
