"""A locked chat against everything that bypasses the engine: the ORM, raw SQL, replacing rows."""

import pytest
from django.db import IntegrityError, connection

from marketplace.chats.models import Chat, Message
from marketplace.orders.models import Order
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product


@pytest.fixture
def locked(order: Order) -> Chat:
    return complete(order).chat


def late_message(chat: Chat) -> Message:
    return Message(chat=chat, seq=9, author_id=chat.buyer_id, text="late", sent_at=LATER)


def test_raw_insert_into_a_locked_chat(locked):
    with pytest.raises(IntegrityError, match="the chat is locked"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chats_message (chat_id, seq, author_id, text, sent_at) "
            "VALUES (%s, 1, %s, 'late', %s)",
            [locked.pk, locked.buyer_id, LATER.isoformat()],
        )


def test_bulk_create_into_a_locked_chat(locked):
    with pytest.raises(IntegrityError, match="the chat is locked"):
        Message.objects.bulk_create([late_message(locked)])


def test_message_moved_into_a_locked_chat(locked, bea, sam):
    open_chat = make_order(bea, make_product(sam, "Brass lamp")).chat
    message = late_message(open_chat)
    message.save()
    with pytest.raises(IntegrityError, match="the chat is locked"):
        Message.objects.filter(pk=message.pk).update(chat=locked)


@pytest.mark.parametrize(
    "change",
    [{"locked_at": None, "locked_seq": None}, {"locked_at": LATER}, {"last_seq": 7, "locked_seq": 7}],
)
def test_locked_chat_stays_as_it_is(locked, change):
    with pytest.raises(IntegrityError, match="a locked chat stays locked"):
        Chat.objects.filter(pk=locked.pk).update(**change)


def test_locked_chat_is_not_deleted(locked):
    with pytest.raises(IntegrityError, match="a locked chat is kept"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM chats_chat WHERE id = %s", [locked.pk])


def test_locked_chat_is_not_replaced(locked):
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            f"{verb} INTO chats_chat (id, product_id, buyer_id, seller_id, last_seq) "
            "VALUES (%s, %s, %s, %s, 0)",
            [locked.pk, locked.product_id, locked.buyer_id, locked.seller_id],
        )


def test_text_may_be_blanked_for_erasure(order, bea):
    message = Message.objects.create(chat=order.chat, seq=1, author=bea, text="my address", sent_at=NOW)
    Chat.objects.filter(pk=order.chat_id).update(last_seq=1)
    complete(order)
    assert Message.objects.filter(pk=message.pk).update(text="") == 1
