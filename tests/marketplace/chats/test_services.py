"""The parties can write until the chat is locked."""

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.chats.models import Chat, Message
from marketplace.chats.queries import access_chat_as_party, messages_of
from marketplace.chats.services import send_message
from tests.marketplace.factories import LATER, NOW, complete


def test_messages_are_numbered_in_order(order, bea, sam, django_assert_num_queries):
    send_message(author=bea, chat_id=order.chat_id, text="Is it oak?", now=NOW)
    send_message(author=sam, chat_id=order.chat_id, text="Walnut.", now=LATER)
    with django_assert_num_queries(1):
        rows = [(m.seq, m.author_id, m.text, m.sent_at) for m in messages_of(order.chat, reader=bea)]
    assert rows == [(1, bea.pk, "Is it oak?", NOW), (2, sam.pk, "Walnut.", LATER)]


def test_stranger_finds_no_chat(order, ben):
    with pytest.raises(Chat.DoesNotExist):
        send_message(author=ben, chat_id=order.chat_id, text="Mine!", now=NOW)
    with pytest.raises(Chat.DoesNotExist):
        access_chat_as_party(ben, order.chat_id)


@pytest.mark.django_db(transaction=True)
def test_locked_chat_takes_no_message_but_keeps_the_record(order, bea):
    send_message(author=bea, chat_id=order.chat_id, text="Deal.", now=NOW)
    complete(order)
    with pytest.raises(Denied) as denied:
        send_message(author=bea, chat_id=order.chat_id, text="One more thing", now=LATER)
    assert denied.value.decision.rule == "chat-locked"
    assert Message.objects.count() == Chat.objects.get().locked_seq == 1
    assert DecisionRecord.objects.latest("id").rule == "chat-locked"


def test_record_holds_no_text(order, bea):
    send_message(author=bea, chat_id=order.chat_id, text="a very private word", now=NOW)
    assert "private" not in str(DecisionRecord.objects.filter(policy="chat").values().get())


def test_send_query_count(order, bea, django_assert_num_queries):
    # savepoint, chat, record, the author's past, record of the moderation, sequence number, message, release
    with django_assert_num_queries(8):
        send_message(author=bea, chat_id=order.chat_id, text="Hello", now=NOW)
