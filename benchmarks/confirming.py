"""Confirms orders from eight threads in one build, for `benchmarks.confirms`; imports nothing but that build.

Reads a number of orders per line, opens them, then confirms them, and answers with the CPU seconds of this process and of the
server for the confirmations alone. First answers with the number of statements of one confirmation.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from marketplace.accounts.models import User  # noqa: E402
from marketplace.catalog.models import Product  # noqa: E402
from marketplace.orders.models import Order  # noqa: E402
from marketplace.orders.services import confirm, open_order  # noqa: E402

WRITERS = 8
TICKS = os.sysconf("SC_CLK_TCK")


def server_seconds(server: int) -> float:
    """Of PostgreSQL's main process, its living children, and those that have ended."""
    spent = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number, parent = int(status.parent.name), int(fields[1])
        if number == server:
            spent += sum(map(int, fields[11:15]))
        elif parent == server:
            spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def main() -> None:
    call_command("migrate", verbosity=0)
    seller = User.objects.create_user("seller", role="seller")
    buyer = User.objects.create_user("buyer", role="buyer")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    server = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    answer(statements(confirming(orders_of(seller, buyer, 2)[1])))
    for line in sys.stdin:
        parts = [orders_of(seller, buyer, int(line) // WRITERS) for _ in range(WRITERS)]
        begun = time.process_time(), server_seconds(server)
        threads = [threading.Thread(target=confirm_all, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answer([time.process_time() - begun[0], server_seconds(server) - begun[1]])


def orders_of(seller: User, buyer: User, count: int) -> list[Order]:
    made = []
    for _ in range(count):
        product = Product.objects.create(seller=seller, name="Desk", created_at=timezone.now())
        made.append(open_order(buyer=buyer, product_id=product.pk, now=timezone.now())[0])
    return made


def confirming(order: Order) -> Callable[[], Any]:
    return lambda: confirm(actor=order.buyer, order_id=order.pk, now=timezone.now())


def confirm_all(orders: list[Order]) -> None:
    for order in orders:
        confirming(order)()
    connection.close()


def statements(act: Callable[[], Any]) -> int:
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        act()
    return len(seen)


def answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
