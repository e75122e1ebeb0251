"""Serves requests in one build of the server, for `benchmarks.requests`; imports nothing but that build.

Reads lines such as `decide 20`, sends that many requests of this kind through the WSGI application, and answers with the CPU
nanoseconds that each took. The preparation of a request does not count.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import thread_time_ns
from typing import Any

import django
from django.conf import settings

BY_HAND = os.environ.get("BY_HAND", "")
"""`ninja` or `drf`, to ask the endpoints of `benchmarks/by_hand.py` instead."""
if BY_HAND:
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "benchmarks.by_hand", []
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from marketplace.accounts.models import User  # noqa: E402
from marketplace.accounts.services import issue_token  # noqa: E402
from marketplace.catalog.models import Product  # noqa: E402
from marketplace.chats.services import open_chat  # noqa: E402
from marketplace.orders.services import confirm, open_order  # noqa: E402

Prepared = tuple[str, str, dict[str, Any] | None, int]
"""Method, path, body, and the status of the response."""
NOW = datetime.now(UTC)
FACTS = {
    "buyer_id": "1",
    "seller_id": "2",
    "product_id": "3",
    "already_reviewed": False,
    "confirmations": [
        {"party": party, "by": by, "counterparty": other, "product_id": "3"}
        for party, by, other in (("seller", "2", "1"), ("buyer", "1", "2"))
    ],
}


class Shop:
    """A buyer, and sales of products of one seller each."""

    def __init__(self) -> None:
        self.buyer = User.objects.create_user("buyer", role="buyer")
        self.token = issue_token(user=self.buyer, now=NOW)
        owner = User.objects.create_user("owner", role="policy_owner")
        self.owners_token = issue_token(user=owner, now=NOW)
        self.sold = self.sale()
        with transaction.atomic():
            self.chat = open_chat(product=self.product(), buyer=self.buyer)
        self.sent = 0

    def product(self) -> Product:
        seller = User.objects.create_user(f"seller-{User.objects.count()}", role="seller")
        return Product.objects.create(seller=seller, name="Desk", single_sale=True, created_at=NOW)

    def sale(self) -> Product:
        product = self.product()
        order, _ = open_order(buyer=self.buyer, product_id=product.pk, now=NOW)
        for side in (self.buyer, product.seller):
            confirm(actor=side, order_id=order.pk, now=NOW)
        return product

    def decide(self) -> Prepared:
        return "POST", "/api/policies/review_eligibility/decide", {"facts": FACTS}, 200

    def eligibility(self) -> Prepared:
        return "GET", f"/api/v1/products/{self.sold.pk}/review-eligibility", None, 200

    def message(self) -> Prepared:
        self.sent += 1
        text = f"Hello, can I pick up the desk at {self.sent % 12 + 8} on Saturday?"
        return "POST", f"/api/v1/chats/{self.chat.pk}/messages", {"text": text}, 201

    def review(self) -> Prepared:
        body = {"product_id": self.sale().pk, "rating": 5, "text": "As described, and on time."}
        return "POST", "/api/v1/reviews", body, 201


def main() -> None:
    call_command("migrate", verbosity=0)
    shop, application = Shop(), WSGIHandler()
    answer("ready")
    for line in sys.stdin:
        kind, count = line.split()
        prepared = [getattr(shop, kind)() for _ in range(int(count))]
        token = shop.owners_token if kind == "decide" else shop.token
        answer([asked(application, request, token) for request in prepared])


def asked(application: WSGIHandler, prepared: Prepared, token: str) -> int:
    method, path, body, status = prepared
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"}
    prefix = f"/{BY_HAND}" if BY_HAND else ""
    request = RequestFactory().generic(method, prefix + path, content, "application/json", headers=headers)
    environ = {**request.environ, "wsgi.input": io.BytesIO(content)}
    begun = thread_time_ns()
    response = application(environ, _start)
    answered = b"".join(_content(response))
    response.close()
    spent = thread_time_ns() - begun
    if response.status_code != status:
        raise RuntimeError(f"{prefix}{path} answers {response.status_code}: {answered.decode()[:500]}")
    return spent


def _content(response: Any) -> Iterator[bytes]:
    return iter(response)


def _start(_status: str, _headers: Any, *_rest: Any) -> Callable[[bytes], object]:
    return lambda _: None


def answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
