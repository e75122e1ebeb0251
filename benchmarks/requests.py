"""The engine's share of a review request. Run as a module, it serves the requests in its own process.

Requests go through the WSGI application with all middleware. SQLite is in memory and only CPU time counts: waiting for a disk
would make the share smaller without making anything faster.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import thread_time_ns
from typing import Any

from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result

SECTION = "review request"
REQUESTS = 300
WARM_UP = 50
MOST_PERCENT = 5.0


def measure(effort: Effort) -> Findings:
    measured = run_in_django("benchmarks.requests", COMITY_THROTTLE_WRITE="100000/s")
    return [
        Result(
            SECTION,
            "POST /api/v1/reviews on SQLite, CPU time, p50",
            measured["request"] / 1_000,
            "{:,.0f} µs",
        ),
        Result(
            SECTION, "facts check, decision and record building", measured["engine"], "{:.1f} %", MOST_PERCENT
        ),
        Result(SECTION, "the same with its metrics and its log line", measured["services"], "{:.1f} %"),
    ]


def shares() -> dict[str, float]:
    """Medians over the requests: nanoseconds per request, and the percentage of it in the engine and in `decide`."""
    import django

    django.setup()
    from decisions import records, services
    from engine import Bundle

    deciding, building = Stopwatch(Bundle, "decide"), Stopwatch(services, "write_record")
    saving = Stopwatch(records, "insert")
    steps = [Stopwatch(services, name) for name in ("_ask", "_record", "_log_decision")]
    taken: list[tuple[int, float, float]] = []
    for send in _requests():
        for watch in (deciding, building, saving, *steps):
            watch.spent = 0
        begun = thread_time_ns()
        send()
        request = thread_time_ns() - begun
        engine = deciding.spent + building.spent - saving.spent
        whole = sum(step.spent for step in steps) - saving.spent
        taken.append((request, 100 * engine / request, 100 * whole / request))
    request, engine, services_time = (median(column) for column in zip(*taken[WARM_UP:], strict=True))
    return {"request": request, "engine": engine, "services": services_time}


class Stopwatch:
    """Adds up the time spent in a function from now on."""

    def __init__(self, owner: Any, name: str) -> None:
        self.spent = 0
        timed = getattr(owner, name)

        def timing(*args: Any, **given: Any) -> Any:
            begun = thread_time_ns()
            try:
                return timed(*args, **given)
            finally:
                self.spent += thread_time_ns() - begun

        setattr(owner, name, timing)


def _requests() -> Iterator[Callable[[], None]]:
    """Each writes the first review of a purchased product."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command
    from django.test import RequestFactory

    call_command("migrate", verbosity=0)
    application = WSGIHandler()
    for token, product in _sales():
        body = json.dumps({"product_id": product, "rating": 5, "text": "As described, and on time."})
        headers = {"Authorization": f"Bearer {token}"}
        request = RequestFactory().post("/api/v1/reviews", body, "application/json", headers=headers)
        environ = {**request.environ, "wsgi.input": io.BytesIO(body.encode())}
        yield lambda environ=environ: _send(application, environ)  # type: ignore[misc]


def _send(application: Any, environ: dict[str, Any]) -> None:
    response = application(environ, lambda status, headers, *_: None)
    content = b"".join(response)
    response.close()
    if response.status_code != 201:
        raise RuntimeError(f"the review was not written: {content.decode()}")


def _sales() -> Iterator[tuple[str, int]]:
    """A buyer's token and the purchased product, each from another seller."""
    from marketplace.accounts.models import Role, User
    from marketplace.accounts.services import issue_token
    from marketplace.catalog.models import Product
    from marketplace.orders.services import confirm, open_order

    now = datetime.now(UTC)
    buyer = User.objects.create_user("buyer", role=Role.BUYER)
    token = issue_token(user=buyer, now=now)
    for number in range(REQUESTS + WARM_UP):
        seller = User.objects.create_user(f"seller-{number}", role=Role.SELLER)
        product = Product.objects.create(seller=seller, name="Desk", single_sale=True, created_at=now)
        order, _ = open_order(buyer=buyer, product_id=product.pk, now=now)
        for side in (buyer, seller):
            confirm(actor=side, order_id=order.pk, now=now)
        yield token, product.pk


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(shares()))
