"""Permanent guarantees against raw SQL: every statement is refused, on both databases."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.chats.models import Chat, Message
from marketplace.orders.models import Order, ReviewGrant
from marketplace.reviews.models import Review
from tests.marketplace.factories import NOW, complete, make_order, make_product

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "unlock": "UPDATE chats_chat SET locked_at = NULL, locked_seq = NULL WHERE id = {chat}",
    "unlock all": "UPDATE chats_chat SET locked_at = NULL, locked_seq = NULL",
    "unlock by half": "UPDATE chats_chat SET locked_at = NULL WHERE id = {chat}",
    "lock later": "UPDATE chats_chat SET locked_at = '2030-01-01T00:00:00Z' WHERE id = {chat}",
    "make room": "UPDATE chats_chat SET last_seq = 5, locked_seq = 5 WHERE id = {chat}",
    "delete the chat": "DELETE FROM chats_chat WHERE id = {chat}",
    "swap the chat": "UPDATE orders_order SET chat_id = {open_chat} WHERE id = {order}",
    "write late": (
        "INSERT INTO chats_message (chat_id, seq, author_id, text, sent_at) "
        "VALUES ({chat}, 1, {buyer}, 'late', '2026-11-02T00:00:00Z')"
    ),
    "move a message in": "UPDATE chats_message SET chat_id = {chat} WHERE chat_id = {open_chat}",
    "un-complete": "UPDATE orders_order SET status = 'pending', completed_at = NULL WHERE id = {order}",
    "un-complete all": "UPDATE orders_order SET status = 'pending', completed_at = NULL",
    "take a confirmation back": "UPDATE orders_order SET buyer_confirmed_at = NULL WHERE id = {order}",
    "sell to another": "UPDATE orders_order SET buyer_id = {other} WHERE id = {order}",
    "delete the order": "DELETE FROM orders_order WHERE id = {order}",
    "complete alone": (
        "UPDATE orders_order SET status = 'completed', completed_at = '2026-11-02T00:00:00Z' WHERE id = {pending}"
    ),
    "grant without a sale": (
        "INSERT INTO orders_reviewgrant (product_id, buyer_id, granted_at) "
        "VALUES ({open_product}, {buyer}, '2026-11-02T00:00:00Z')"
    ),
    "review without a grant": (
        "INSERT INTO reviews_review (grant_id, product_id, buyer_id, rating, text, created_at) "
        "VALUES (999999, {open_product}, {buyer}, 5, 'Good.', '2026-11-02T00:00:00Z')"
    ),
    "review of something else": (
        "INSERT INTO reviews_review (grant_id, product_id, buyer_id, rating, text, created_at) "
        "VALUES ({grant}, {open_product}, {buyer}, 5, 'Good.', '2026-11-02T00:00:00Z')"
    ),
    "review by somebody else": (
        "INSERT INTO reviews_review (grant_id, product_id, buyer_id, rating, text, created_at) "
        "VALUES ({grant}, {product}, {other}, 5, 'Good.', '2026-11-02T00:00:00Z')"
    ),
    "move a grant": "UPDATE orders_reviewgrant SET product_id = {open_product} WHERE id = {grant}",
}
ORDER_COLUMNS = "product_id, buyer_id, seller_id, chat_id, status, single_sale, created_at"
SQLITE_STATEMENTS = {
    "replace the chat": (
        "INSERT OR REPLACE INTO chats_chat (id, product_id, buyer_id, seller_id, last_seq) "
        "VALUES ({chat}, {product}, {buyer}, {seller}, 0)"
    ),
    "replace the chat under another id": (
        "INSERT OR REPLACE INTO chats_chat (id, product_id, buyer_id, seller_id, last_seq) "
        "VALUES (9999, {product}, {buyer}, {seller}, 0)"
    ),
    "move a chat over it": ("UPDATE OR REPLACE chats_chat SET product_id = {product} WHERE id = {open_chat}"),
    "replace the order": (
        f"INSERT OR REPLACE INTO orders_order (id, {ORDER_COLUMNS}) "
        "VALUES ({order}, {product}, {buyer}, {seller}, {chat}, 'pending', TRUE, '2026-11-02')"
    ),
    "replace the order under another id": (
        f"INSERT OR REPLACE INTO orders_order (id, {ORDER_COLUMNS}) "
        "VALUES (9999, {product}, {buyer}, {seller}, {chat}, 'pending', TRUE, '2026-11-02')"
    ),
    "move an order over it": (
        "UPDATE OR REPLACE orders_order SET product_id = {product} WHERE id = {pending}"
    ),
    "sell the single item again": (
        f"INSERT OR REPLACE INTO orders_order (id, {ORDER_COLUMNS}, seller_confirmed_at) "
        "VALUES (9999, {product}, {other}, {seller}, {other_chat}, 'pending', TRUE, '2026-11-02', '2026-11-02')"
    ),
}


@pytest.fixture
def ids(order, bea, ben, sam):
    sold = complete(order)
    pending = make_order(bea, make_product(sam, "Brass lamp"))
    Message.objects.create(chat=pending.chat, seq=1, author=bea, text="Hi", sent_at=NOW)
    Chat.objects.filter(pk=pending.chat_id).update(last_seq=1)
    other_chat = Chat.objects.create(product=make_product(sam, "Stool"), buyer=ben, seller=sam)
    return {
        "order": sold.pk,
        "chat": sold.chat_id,
        "product": sold.product_id,
        "pending": pending.pk,
        "open_chat": pending.chat_id,
        "open_product": pending.product_id,
        "other_chat": other_chat.pk,
        "grant": ReviewGrant.objects.get().pk,
        "buyer": bea.pk,
        "seller": sam.pk,
        "other": ben.pk,
    }


def state() -> list[object]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Chat, Message, Order, ReviewGrant, Review)
    ]


def expect_refusal(statement: str, ids: dict[str, int]) -> None:
    before = state()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**ids))
        connection.check_constraints()
    assert state() == before


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_refused(name, ids):
    expect_refusal(STATEMENTS[name], ids)


@pytest.mark.parametrize("name", SQLITE_STATEMENTS)
def test_replacing_is_refused(name, ids):
    if connection.vendor == "sqlite":
        expect_refusal(SQLITE_STATEMENTS[name], ids)
    else:
        assert "OR REPLACE" in SQLITE_STATEMENTS[name]  # not supported by PostgreSQL
