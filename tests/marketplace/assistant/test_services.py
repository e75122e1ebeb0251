"""Stored conversations: messages are stored and answered, and visible only to their owner."""

from datetime import timedelta
from typing import Any

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.assistant.answers.reply import Context, Reply
from marketplace.assistant.models import Author, Conversation, Message
from marketplace.assistant.queries import (
    access_conversation,
    conversations_of,
    count_unread,
    messages_of,
)
from marketplace.assistant.services import change_conversation, delete_conversation, send_message
from marketplace.catalog.models import Product
from marketplace.errors import Refused
from marketplace.moderation.models import QueueItem
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db


class Failing:
    def respond(self, context: Context) -> Reply:
        raise RuntimeError("the model is gone")


class Odd:
    """A responder that returns what a test chooses."""

    reply: Any = None

    def respond(self, context: Context) -> Reply:
        return self.reply


ODD = [
    None,
    "Hello",
    Reply("", "help"),
    Reply(" \n", "help"),
    Reply("a\x00b", "help"),
    Reply("\ud83d", "help"),
    Reply(7, "help"),
    Reply("Hello", None),
    Reply("Hello", "help", basis={"policy": "chat"}),
    Reply("Hello", "help", suggestions=("\x00",)),
    Reply("Hello", "help", suggestions=(None,)),
    Reply("Hello", "help", suggestions=None),
]


class Deleting:
    def respond(self, context: Context) -> Reply:
        Conversation.objects.all().delete()
        return Reply("Too late.", "help")


def records() -> list[tuple[str, str]]:
    return list(DecisionRecord.objects.order_by("id").values_list("policy", "rule"))


def test_first_message_is_kept_named_answered_and_its_decisions_recorded(start, bea, product):
    conversation = start("Where is my parcel?", product_id=product.pk)

    asked, answered = messages_of(conversation)
    assert (asked.seq, asked.author, asked.text) == (1, Author.USER, "Where is my parcel?")
    assert (answered.seq, answered.author, answered.sent_at) == (2, Author.ASSISTANT, NOW)
    assert answered.about["topic"] == "trade"
    assert conversation.title == "Where is my parcel?"
    assert (conversation.product_id, conversation.unread, conversation.last_seq) == (product.pk, 1, 2)
    assert records() == [
        ("assistant_session", "logged-in"),
        ("moderation_profiles", "nothing-found"),
        ("inbox_title", "first-message"),
    ]
    assert DecisionRecord.objects.get(policy="inbox_title").subject_id == conversation.pk


@pytest.mark.parametrize(
    ("text", "named", "title"),
    [
        ("hi", True, "Conversation about Walnut desk"),
        ("hi", False, "Conversation"),
        ("+49 170 1234567", True, "Conversation about Walnut desk"),
    ],
)
def test_message_that_says_nothing_names_no_conversation(start, product, text, named, title):
    assert start(text, product_id=product.pk if named else None).title == title


def test_unknown_product_starts_nothing(start, product):
    with pytest.raises(Product.DoesNotExist):
        start(product_id=product.pk + 1)
    assert records() == []


def test_next_message_is_answered_and_brings_the_conversation_to_the_top(start, bea):
    first, second = start("Where is my parcel?"), start("Why is the chat locked?", now=LATER)
    asked, answered = send_message(
        owner=bea,
        conversation_id=first.pk,
        text="How can I review?",
        now=LATER + timedelta(minutes=1),
    )

    assert (asked.seq, answered.seq, answered.about["topic"]) == (3, 4, "review")
    assert list(conversations_of(bea).order_by("-updated_at", "-pk")) == [first, second]
    assert start("x").title == "Conversation"


def test_short_question_is_about_what_was_answered_last(start, bea):
    conversation = start("Can I review it?")
    _, answered = send_message(owner=bea, conversation_id=conversation.pk, text="Why?", now=LATER)
    assert answered.about["topic"] == "review"


def test_blocked_message_is_not_kept_and_its_refusal_is(start, bea):
    conversation = start()
    before = records()
    with pytest.raises(Denied):
        send_message(owner=bea, conversation_id=conversation.pk, text="threat:0.99", now=LATER)
    with pytest.raises(Denied):
        start("threat:0.99")
    assert Message.objects.count() == 2
    assert Conversation.objects.count() == 1
    first = ["assistant_session", "moderation_profiles", "moderation_queue"]
    second = ["assistant_session", "strikes", *first[1:]]
    assert [policy for policy, _ in records()[len(before) :]] == first + second


def test_flagged_message_is_kept_answered_and_queued(start, bea):
    conversation = start("spam:0.6 what about reviews")
    item = QueueItem.objects.get()
    assert (item.kind, item.thread_kind, item.thread_id) == ("assistant_message", "assistant", bea.pk)
    assert [message.queue_item for message in messages_of(conversation)] == [item, None]


def test_responder_that_fails_loses_its_answer_only(start, settings):
    settings.ASSISTANT_RESPONDER = f"{__name__}.Failing"
    asked, answered = messages_of(start())
    assert asked.text == "Where is my parcel?"
    assert answered.about["topic"] == "trouble"


@pytest.mark.parametrize("reply", ODD, ids=repr)
def test_answer_that_cannot_be_kept_is_no_answer(start, settings, monkeypatch, reply):
    settings.ASSISTANT_RESPONDER = f"{__name__}.Odd"
    monkeypatch.setattr(Odd, "reply", reply)
    asked, answered = messages_of(start("Where is my parcel?"))
    assert asked.text == "Where is my parcel?"
    assert answered.about["topic"] == "trouble"


def test_answer_to_a_conversation_that_was_deleted_meanwhile_is_refused(start, settings):
    settings.ASSISTANT_RESPONDER = f"{__name__}.Deleting"
    with pytest.raises(Refused) as refused:
        start()
    assert refused.value.code == "conversation-deleted"
    assert Message.objects.count() == 0


def test_reading_moves_forward_only_and_not_beyond_the_last_message(start, bea):
    conversation = start()
    assert count_unread(bea) == 1
    for read, unread in [(1, 1), (99, 0), (1, 0)]:
        changed = change_conversation(owner=bea, conversation_id=conversation.pk, read_seq=read)
        assert changed.unread == unread
    assert (changed.read_seq, count_unread(bea)) == (2, 0)


@pytest.mark.parametrize(
    ("written", "title"),
    [("  My\u200b desk ", "My desk"), ("\u0301", "Conversation"), ("x" * 90, "x" * 59 + "…")],
)
def test_title_that_its_owner_gives_is_cleaned_too(start, bea, written, title):
    conversation = start()
    assert change_conversation(owner=bea, conversation_id=conversation.pk, title=written).title == title


def test_deleting_leaves_nothing_of_what_was_said(start, bea):
    conversation, other = start("spam:0.6 about my desk"), start()
    delete_conversation(owner=bea, conversation_id=conversation.pk)
    assert list(conversations_of(bea)) == [other]
    assert list(Message.objects.values_list("conversation_id", flat=True)) == [other.pk] * 2
    assert QueueItem.objects.get().state == "open"


@pytest.mark.parametrize("beyond", [0, 1], ids=["foreign", "unknown"])
@pytest.mark.parametrize(
    "act",
    [
        lambda ben, number: access_conversation(ben, number),
        lambda ben, number: send_message(owner=ben, conversation_id=number, text="Hm", now=NOW),
        lambda ben, number: change_conversation(owner=ben, conversation_id=number, title="Mine"),
        lambda ben, number: delete_conversation(owner=ben, conversation_id=number),
    ],
    ids=["read", "send", "rename", "delete"],
)
def test_conversation_of_somebody_else_is_as_unknown_as_one_that_does_not_exist(start, bea, ben, act, beyond):
    mine = start()
    with pytest.raises(Conversation.DoesNotExist):
        act(ben, mine.pk + beyond)
    assert access_conversation(bea, mine.pk).title == "Where is my parcel?"
    assert Message.objects.count() == 2
