"""Stored conversations with an Idempotency-Key: one effect, one response, erased with the conversation."""

from typing import Any

import pytest
from django.db import connection

from api.models import IdempotencyKey
from decisions.models import DecisionRecord
from marketplace.assistant.answers.reply import Context, Reply
from marketplace.assistant.models import Conversation, Message
from tests.api.assistant.conftest import SURFACES
from tests.api.callers import Caller, refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

KEY = {"Idempotency-Key": "one"}
SECRET = "My walnut desk is broken"


class Asking:
    """Its query fails, which makes PostgreSQL's transaction unusable."""

    def respond(self, context: Context) -> Reply:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        raise AssertionError("there is such a table")


@pytest.fixture
def conversation(base: str, buyer: Caller) -> str:
    number = buyer.post(f"{base}/conversations", {"message": "Where is my parcel?"}).json()["id"]
    return f"{base}/conversations/{number}"


def counts() -> tuple[int, int, int]:
    return Conversation.objects.count(), Message.objects.count(), DecisionRecord.objects.count()


def expect_same(answers: list[Any]) -> None:
    first, *others = answers
    assert "Idempotency-Replayed" not in first
    for other in others:
        assert (other.status_code, other.content) == (first.status_code, first.content)
        assert other["Content-Type"] == first["Content-Type"]
        assert other["Idempotency-Replayed"] == "true"


def test_conversation_is_started_once(base, buyer):
    first = buyer.post(f"{base}/conversations", {"message": SECRET}, **KEY)
    before = counts()
    again = [buyer.post(f"{base}/conversations", {"message": SECRET}, **KEY) for _ in range(2)]
    assert first.status_code == 201
    expect_same([first, *again])
    assert counts() == before
    assert before[:2] == (1, 2)


def test_message_is_said_and_answered_once(buyer, conversation):
    first = buyer.post(f"{conversation}/messages", {"text": SECRET}, **KEY)
    before = counts()
    again = [buyer.post(f"{conversation}/messages", {"text": SECRET}, **KEY) for _ in range(2)]
    assert first.status_code == 201
    expect_same([first, *again])
    assert counts() == before
    assert before[:2] == (1, 4)


def test_key_with_another_body_or_another_path_is_refused(base, buyer, conversation):
    buyer.post(f"{conversation}/messages", {"text": SECRET}, **KEY)
    before = counts()
    reused = (422, "idempotency-key-reused")
    assert refusal_of(buyer.post(f"{conversation}/messages", {"text": "Another"}, **KEY)) == reused
    assert refusal_of(buyer.post(f"{base}/conversations", {"message": SECRET}, **KEY)) == reused
    [other] = set(SURFACES.values()) - {base}
    path = conversation.replace(base, other, 1)
    assert refusal_of(buyer.post(f"{path}/messages", {"text": SECRET}, **KEY)) == reused
    assert counts() == before


def test_key_is_its_callers_own(base, buyer, other_buyer):
    answers = [
        caller.post(f"{base}/conversations", {"message": SECRET}, **KEY) for caller in (buyer, other_buyer)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_blocked_message_is_refused_again_and_judged_once(base, buyer):
    first = buyer.post(f"{base}/conversations", {"message": "threat:0.99"}, **KEY)
    before = counts()
    again = buyer.post(f"{base}/conversations", {"message": "threat:0.99"}, **KEY)
    assert refusal_of(first) == (403, "blocked")
    expect_same([first, again])
    assert counts() == before
    assert before[:2] == (0, 0)


def test_key_of_what_did_not_fit_can_be_used(base, buyer):
    assert buyer.post(f"{base}/conversations", {"text": SECRET}, **KEY).status_code == 422
    assert buyer.post(f"{base}/conversations", {"message": SECRET}, **KEY).status_code == 201


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_other_methods_take_no_key(buyer, conversation, method):
    more = {"body": {"title": "Mine"}} if method == "patch" else {}
    assert getattr(buyer, method)(conversation, **more, **KEY).status_code in {200, 204}
    assert not IdempotencyKey.objects.exists()


def test_answers_are_erased_with_their_conversation_and_nothing_comes_back(base, buyer):
    path, kept = f"{base}/conversations", {"message": "Another conversation altogether"}
    start, say, other = ({"Idempotency-Key": name} for name in ("start", "say", "other"))
    one = buyer.post(path, {"message": SECRET}, **start).json()["id"]
    buyer.post(f"{path}/{one}/messages", {"text": SECRET}, **say)
    answer = buyer.post(path, kept, **other)

    assert buyer.delete(f"{path}/{one}").status_code == 204

    assert not IdempotencyKey.objects.filter(body__contains="walnut").exists()
    assert refusal_of(buyer.post(path, {"message": SECRET}, **start)) == (404, "not-found")
    assert refusal_of(buyer.post(f"{path}/{one}/messages", {"text": SECRET}, **say)) == (404, "not-found")
    assert buyer.post(path, kept, **other).content == answer.content
    assert Conversation.objects.count() == 1


def test_responder_whose_query_fails_loses_its_answer_only(base, buyer, settings):
    settings.ASSISTANT_RESPONDER = f"{__name__}.Asking"
    answer = buyer.post(f"{base}/conversations", {"message": SECRET}, **KEY)
    assert answer.status_code == 201
    assert [message["topic"] for message in answer.json()["messages"]] == [None, "trouble"]
    assert Message.objects.count() == 2


def test_key_of_somebody_who_is_logged_out_is_stored_by_nobody(base, anonymous):
    said = [anonymous.post(f"{base}/ephemeral/messages", {"text": text}, **KEY) for text in ("Hi", "Bye")]
    assert [answer.json()["reply"]["topic"] for answer in said] == ["help", "thanks"]
    assert not IdempotencyKey.objects.exists()
