"""Two processes send the same request under the same key at the same moment."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api.models import IdempotencyKey
from marketplace.accounts.services import issue_token
from marketplace.chats.models import Chat, Message
from marketplace.orders.models import Order
from tests.api.callers import Caller, refusal_of
from tests.marketplace.factories import make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(bea, sam, scale) -> list[Order]:
    return [make_order(bea, make_product(sam, f"Chair {number}")) for number in range(scale.races)]


def test_one_key_has_one_effect_and_one_answer(race, orders):
    for order in orders:
        job = ("post_message", order.buyer_id, order.chat_id)
        first, second = race(job, job)
        assert first == second
        assert first.startswith('201 {"id":')
    assert Message.objects.count() == IdempotencyKey.objects.count() == len(orders)
    assert Chat.objects.filter(last_seq=1).count() == len(orders)


@pytest.mark.postgresql
def test_naive_twin_writes_twice(race, orders):
    for order in orders:
        job = ("post_message_naively", order.buyer_id, order.chat_id)
        race(job, job)
    assert Message.objects.count() >= len(orders) * 4 // 3


@pytest.mark.postgresql
def test_long_running_request_is_reported_as_in_progress(bea, order):
    caller = Caller(bea, issue_token(user=bea, now=timezone.now()))
    path, key = f"/api/v1/chats/{order.chat_id}/messages", {"Idempotency-Key": "slow"}
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO api_idempotencykey (actor_id, key, fingerprint, claim, content_type, headers, body,"
                " lease_ends_at, created_at)"
                " VALUES (%s, 'slow', '', '', '', '{}', '', now(), now())",
                [bea.pk],
            )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET SESSION lock_timeout = '100ms'")
        refused = caller.post(path, {"text": "Hi"}, **key)
    finally:
        other.close()
        connection.close()
    assert refusal_of(refused) == (409, "request-in-progress")
    assert refused["Retry-After"] == "2"
    assert not Message.objects.exists()
    assert caller.post(path, {"text": "Hi"}, **key).status_code == 201
