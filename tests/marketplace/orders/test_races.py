"""Two processes act on the same sale at the same moment, repeatedly."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Count, F

from decisions import triggers
from marketplace.chats.models import Chat, Message
from marketplace.orders.models import Order, ReviewGrant
from marketplace.orders.services import confirm
from marketplace.outbox.models import OutboxEvent
from marketplace.reviews.models import Review
from tests.marketplace.factories import NOW, complete, make_order, make_product
from tests.marketplace.racing import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(bea, sam, scale) -> list[Order]:
    return [make_order(bea, make_product(sam, f"Chair {number}")) for number in range(scale.races)]


def both_sides(act: str, order: Order) -> tuple[Job, Job]:
    return (act, order.seller_id, order.pk), (act, order.buyer_id, order.pk)


def expect_each_completed_once(count: int) -> None:
    assert Order.objects.filter(status="completed").count() == count
    assert Chat.objects.filter(locked_at__isnull=False).count() == count
    assert ReviewGrant.objects.count() == count
    assert OutboxEvent.objects.filter(kind="order.completed").count() == count


def test_both_sides_confirm_at_once(race, orders):
    answers = [sorted(race(*both_sides("confirm_order", order))) for order in orders]
    assert answers == [["completed", "pending"]] * len(orders)
    expect_each_completed_once(len(orders))


@pytest.mark.postgresql
def test_naive_twin_loses(race, orders):
    for order in orders:
        race(*both_sides("confirm_naively", order))
    assert Order.objects.filter(status="pending").count() >= len(orders) // 3


def test_double_click_completes_once(race, orders):
    for order in orders:
        confirm(actor=order.buyer, order_id=order.pk, now=NOW)
    jobs = [("confirm_order", order.seller_id, order.pk) for order in orders]
    assert [race(job, job) for job in jobs] == [("completed", "completed")] * len(orders)
    expect_each_completed_once(len(orders))


@pytest.mark.postgresql
def test_naive_twin_completes_twice(race, orders):
    triggers.lift()  # which would refuse the second time
    for order in orders:
        confirm(actor=order.buyer, order_id=order.pk, now=NOW)
    jobs = [("complete_naively", order.seller_id, order.pk) for order in orders]
    answers = [race(job, job) for job in jobs]
    assert answers.count(("completed", "completed")) >= len(orders) // 3


def test_seller_confirms_two_buyers_at_once(race, orders, ben):
    rivals = [make_order(ben, order.product) for order in orders]
    for order, rival in zip(orders, rivals, strict=True):
        jobs = [("confirm_order", order.seller_id, each.pk) for each in (order, rival)]
        assert sorted(race(*jobs)) == ["pending", "sold-to-another"]
    confirmed = Order.objects.filter(seller_confirmed_at__isnull=False)
    assert confirmed.count() == confirmed.values("product").distinct().count() == len(orders)


@pytest.fixture
def unguarded_sales(transactional_db) -> Iterator[None]:
    """Drops the index that limits a product to one confirmed buyer, until the test is over."""
    [index] = [each for each in Order._meta.constraints if each.name == "one_confirmed_buyer_per_product"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Order, index)
    yield
    Order.objects.update(seller_confirmed_at=None)
    with connection.schema_editor() as editor:
        editor.add_constraint(Order, index)


@pytest.mark.postgresql
def test_naive_twin_sells_to_both(race, orders, ben, unguarded_sales):
    for order in orders:
        rival = make_order(ben, order.product)
        race(*[("sell_naively", order.seller_id, each.pk) for each in (order, rival)])
    confirmed = Order.objects.filter(seller_confirmed_at__isnull=False).values("product")
    sold_twice = confirmed.annotate(buyers=Count("pk")).filter(buyers=2)
    assert sold_twice.count() >= len(orders) // 3


def test_order_opened_twice_at_once_is_one(race, ben, orders):
    for order in orders:
        job = ("open_for_product", ben.pk, order.product_id)
        answers = sorted(answer.split() for answer in race(job, job))
        assert [kind for _, kind in answers] == ["new", "same"]
        assert answers[0][0] == answers[1][0]


def test_review_sent_twice_at_once_is_one(race, orders):
    for order in orders:
        complete(order)
        job = ("review", order.buyer_id, order.product_id)
        assert sorted(race(job, job)) == ["already-reviewed", "reviewed"]
    assert Review.objects.count() == len(orders)


def test_chat_that_is_flooded_while_it_locks_takes_nothing_after_the_lock(race, orders):
    flooded = orders[: len(orders) // 2]
    for order in flooded:
        confirm(actor=order.buyer, order_id=order.pk, now=NOW)
        sent, status = race(
            ("flood", order.buyer_id, order.chat_id), ("lock_soon", order.seller_id, order.chat_id)
        )
        chat = Chat.objects.get(pk=order.chat_id)
        assert status == "completed"
        assert chat.messages.count() == chat.locked_seq == int(sent)
    assert Message.objects.count() > len(flooded)


@pytest.mark.postgresql
def test_naive_twin_writes_after_the_lock(race, orders):
    triggers.lift()  # which would refuse even what this one writes
    late = 0
    for order in orders[: len(orders) // 2]:
        sent, counted = race(
            ("flood_naively", order.buyer_id, order.chat_id),
            ("lock_and_count", order.seller_id, order.chat_id),
        )
        late += int(sent) > int(counted)
    assert late >= len(orders) // 10


def test_message_at_the_moment_of_the_lock(race, orders):
    for order in orders:
        confirm(actor=order.buyer, order_id=order.pk, now=NOW)
        answers = race(
            ("confirm_order", order.seller_id, order.pk), ("write_message", order.buyer_id, order.pk)
        )
        assert answers in [("completed", "sent"), ("completed", "chat-locked")]
    assert Chat.objects.filter(locked_seq=F("last_seq")).count() == len(orders)
    for chat in Chat.objects.all():
        assert Message.objects.filter(chat=chat).count() == chat.locked_seq
