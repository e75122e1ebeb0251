"""A SIGKILL while a sale is being completed leaves the sale complete or untouched."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from decisions.models import DecisionRecord
from marketplace.orders.models import Order, ReviewGrant
from marketplace.orders.services import confirm
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.factories import NOW, make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)
BEYOND_THE_LAST_POINT = 10**6
Confirm = Callable[[Order, int], int | None]


@pytest.fixture
def confirm_and_die(database_url: str) -> Iterator[Confirm]:
    """The seller confirms in a process that is killed at the given point (`tests.marketplace.mortal` numbers them).

    Returns None if it was killed, else the number of points it passed.
    """
    environment = {**os.environ, "DATABASE_URL": database_url, "COMITY_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "tests.marketplace.mortal"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:

        def run(order: Order, point: int) -> int | None:
            process.stdin.write(json.dumps([order.seller_id, order.pk, point]) + "\n")
            return json.loads(process.stdout.readline())

        assert json.loads(process.stdout.readline()) == "ready"
        yield run
        process.stdin.close()


def traces_of(order: Order) -> set[bool]:
    """Whether each part of a completed sale exists."""
    order = Order.objects.select_related("chat").get(pk=order.pk)
    return {
        order.status == "completed",
        order.seller_confirmed_at is not None,
        order.completed_at is not None,
        order.chat.locked_at is not None,
        ReviewGrant.objects.filter(product=order.product, buyer=order.buyer).exists(),
        OutboxEvent.objects.filter(dedup=f"order.completed:{order.pk}").exists(),
        DecisionRecord.objects.filter(
            policy="confirmation", subject_kind="order", subject_id=order.pk, actor_id=order.seller_id
        ).exists(),
    }


@pytest.mark.full_on("sqlite")
def test_sale_is_complete_or_untouched_wherever_the_process_dies(confirm_and_die, bea, sam, scale):
    orders = [make_order(bea, make_product(sam, f"Chair {number}")) for number in range(scale.kills + 1)]
    for order in orders:
        confirm(actor=bea, order_id=order.pk, now=NOW)
    points = confirm_and_die(orders.pop(), BEYOND_THE_LAST_POINT)
    rng = random.Random(points)
    kill_points = [rng.randrange(points) for _ in orders[1:]] + [points - 1]

    outcomes = Counter()
    for order, point in zip(orders, kill_points, strict=True):
        assert confirm_and_die(order, point) is None
        [outcome] = traces_of(order)
        outcomes[outcome] += 1
    assert outcomes[False] and outcomes[True]

    for order in orders:
        assert confirm(actor=sam, order_id=order.pk, now=NOW).status == "completed"
        assert traces_of(order) == {True}
    assert OutboxEvent.objects.count() == ReviewGrant.objects.count() == scale.kills + 1
