"""Writes are retried, a limited number of times, if PostgreSQL rolls back a transaction or disconnects."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from api.models import IdempotencyKey
from decisions.models import DecisionRecord
from marketplace.accounts.services import issue_token
from marketplace.chats import services as chats
from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.errors import Refused
from marketplace.orders import services as orders
from marketplace.orders.services import ONE_ORDER, confirm, open_order
from marketplace.outbox.models import OutboxEvent
from marketplace.transactions import CommitUncertain, patiently, write
from tests.api.callers import Caller, refusal_of
from tests.marketplace.factories import LATER, NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
Trouble = Callable[[], None]


def serialization_failure() -> None:
    raise_in_database("40001")


def deadlock() -> None:
    raise_in_database("40P01")


def lost_race() -> None:
    raise_in_database("23505", constraint="one_order_per_product_and_buyer")


def raise_in_database(code: str, constraint: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '{code}', CONSTRAINT = '{constraint}'; END $$"
        )


def lost_connection() -> None:
    """A server restart as seen from here: another connection terminates our backend."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()


TROUBLES = [serialization_failure, deadlock, lost_connection]


class Times:
    """Fails this many times before it does what it replaces."""

    def __init__(self, step: Callable[..., Any], trouble: Trouble, times: int) -> None:
        self.step, self.trouble, self.left = step, trouble, times

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left >= 0:
            self.trouble()
        return self.step(*arguments, **named)


@pytest.fixture
def bothered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Times]:
    def bother(module: Any, name: str, trouble: Trouble, times: int) -> Times:
        step = Times(getattr(module, name), trouble, times)
        monkeypatch.setattr(module, name, step)
        return step

    return bother


@pytest.fixture(autouse=True)
def reconnected() -> Iterator[None]:
    yield
    connection.close()


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("times", [1, 3])
def test_sale_completes_in_spite_of_it(trouble, times, bothered, order, bea, sam):
    confirm(actor=bea, order_id=order.pk, now=NOW)
    bothered(orders, "lock_chat", trouble, times)

    assert confirm(actor=sam, order_id=order.pk, now=LATER).status == "completed"
    assert OutboxEvent.objects.count() == 1
    assert DecisionRecord.objects.filter(actor_id=sam.pk).count() == 1


@pytest.mark.parametrize("trouble", TROUBLES)
def test_fourth_failure_is_the_last(trouble, bothered, order, bea):
    step = bothered(chats, "_append", trouble, 99)

    with pytest.raises(OperationalError):
        send_message(author=bea, chat_id=order.chat_id, text="Hi", now=LATER)

    assert step.left == 95
    assert not Message.objects.exists()


@pytest.mark.parametrize("trouble", [serialization_failure, deadlock])
def test_a_lost_race_counts_among_the_four_attempts(trouble, bea, product):
    attempts: list[Trouble] = []

    def attempt() -> None:
        attempts.append(lost_race if len(attempts) == 1 else trouble)
        with write():
            attempts[-1]()

    with pytest.raises(OperationalError):
        patiently(attempt, guard=ONE_ORDER)

    assert attempts == [trouble, lost_race, trouble, trouble]


@pytest.mark.parametrize(("losses", "attempts"), [(1, 2), (9, 2)])
def test_a_race_that_is_lost_twice_is_refused(losses, attempts, bea, product, bothered):
    step = bothered(orders, "open_chat", lost_race, losses)

    if losses == 1:
        assert open_order(buyer=bea, product_id=product.pk, now=NOW)[1]
    else:
        with pytest.raises(Refused, match="created at the same time"):
            open_order(buyer=bea, product_id=product.pk, now=NOW)

    assert losses - step.left == attempts


@pytest.mark.parametrize("trouble", TROUBLES)
def test_caller_with_a_key_sees_nothing_of_it(trouble, bothered, order, bea):
    bothered(chats, "_append", trouble, 2)

    answer = post_message(bea, order, key="one")

    assert answer.status_code == 201
    assert Message.objects.count() == IdempotencyKey.objects.filter(status=201).count() == 1


@pytest.mark.parametrize("key", ["", "one"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_that_stays_is_answered_with_when_to_come_again(trouble, key, bothered, order, bea):
    bothered(chats, "_append", trouble, 99)

    refused = post_message(bea, order, key=key)

    assert refusal_of(refused) == (503, "unavailable")
    assert refused["Retry-After"] == "2"
    assert Message.objects.count() == IdempotencyKey.objects.count() == 0


def test_row_that_others_hold_is_not_waited_for_without_end(order, bea, database_url):
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM chats_chat WHERE id = %s FOR UPDATE", [order.chat_id])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        refused = post_message(bea, order)
    finally:
        other.close()
    assert refusal_of(refused) == (503, "unavailable")
    assert post_message(bea, order).status_code == 201


def test_commit_of_unknown_end_is_tried_again_where_that_does_no_harm(bothered, order, bea):
    bothered(connection, "_commit", lost_connection, 1)

    assert confirm(actor=bea, order_id=order.pk, now=NOW).buyer_confirmed_at == NOW


def test_uncertain_commit_is_reported_unless_repeatable(bothered, order, bea):
    bothered(connection, "_commit", lost_connection, 1)

    with pytest.raises(CommitUncertain):
        send_message(author=bea, chat_id=order.chat_id, text="Hi", now=LATER)


def test_limits_of_the_connection_are_set(db):
    with connection.cursor() as cursor:
        limits = []
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            limits.append(cursor.fetchone()[0])
    assert limits == ["3s", "30s", "1min"]


def post_message(bea: Any, order: Any, *, key: str = "") -> Any:
    caller = Caller(bea, issue_token(user=bea, now=timezone.now()))
    headers = {"Idempotency-Key": key} if key else {}
    return caller.post(f"/api/v1/chats/{order.chat_id}/messages", {"text": "Hi"}, **headers)
