"""API clients for tests."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from marketplace.catalog.models import Product

PASSWORD = "correct horse battery staple"


@dataclass
class Caller:
    """Sends JSON, with a bearer token if it has one."""

    user: User | None = None
    token: str | None = None
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @property
    def id(self) -> int:
        assert self.user is not None
        return self.user.pk

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(path, headers=self._headers(headers))

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.client.delete(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send(path, json.dumps({} if body is None else body).encode(), **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        content = json.dumps(body).encode()
        return self.client.patch(path, content, "application/json", headers=self._headers(headers))

    def send(
        self, path: str, content: bytes, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        return self.client.post(path, content, content_type, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more} if self.token else more


def make_caller(username: str, role: Role, **fields: Any) -> Caller:
    user = User.objects.create_user(username, password=PASSWORD, role=role, **fields)
    return Caller(user, issue_token(user=user, now=timezone.now()))


def make_product(seller: Caller, name: str = "Walnut desk", *, single_sale: bool = True) -> Product:
    return Product.objects.create(
        seller=seller.user, name=name, single_sale=single_sale, created_at=timezone.now()
    )


def make_chat(buyer: Caller, seller: Caller) -> str:
    """A chat about a new product; returns the path of its messages."""
    product = make_product(seller, "Brass lamp")
    order = buyer.post("/api/v1/orders", {"product_id": product.pk}).json()
    return f"/api/v1/chats/{order['chat_id']}/messages"


def write_review(buyer: Caller, sold: dict[str, Any], text: str) -> Any:
    return buyer.post("/api/v1/reviews", {"product_id": sold["product_id"], "rating": 1, "text": text})


def problem_of(response: HttpResponse) -> dict[str, Any]:
    """The problem document of an error response; checks its content type and status."""
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    assert document["status"] == response.status_code
    assert document["type"] == f"/problems/{document['code']}"
    return document


def refusal_of(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, problem_of(response)["code"]
