"""Every operation of both surfaces and how to call it; tests/api/matrix.yaml lists the expected responses."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from api.openapi.routes import routes
from api.routers.assistant import assistant_api
from api.routers.policies import policy_api
from api.views.base import ApiView
from tests.api.callers import Caller
from tests.api.forms import send_file
from tests.api.hostile_files import PDF

TABLE: dict[str, Any] = yaml.load((Path(__file__).parent / "matrix.yaml").read_text(), yaml.CSafeLoader)
COLUMNS: list[str] = TABLE["columns"]
ALIKE: dict[str, str] = TABLE["alike"]
SURFACES = ("/assistant", "/assistant/ninja")


def _answers() -> dict[str, list[Any]]:
    assistant = [(*name.split(" "), row) for name, row in TABLE["assistant"].items()]
    both = {f"{method} {base}{path}": row for base in SURFACES for method, path, row in assistant}
    return {**TABLE["answers"], **both}


ANSWERS: dict[str, list[str]] = {name: [str(cell) for cell in row] for name, row in _answers().items()}

FACTS = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}
BODIES: dict[str, Any] = {
    "POST /api/auth/tokens": {"username": "bea", "password": "not hers"},
    "POST /api/v1/orders": {"product_id": "{lamp_id}"},
    "POST /api/v1/chats/{chat_id}/messages": {"text": "Hello"},
    "POST /api/v1/reviews": {"product_id": "{sold_id}", "rating": 5, "text": "Good."},
    "POST /api/v1/disputes": {"order_id": "{second_sale_id}", "text": "It is broken."},
    "POST /api/v1/disputes/{dispute_id}/messages": {"text": "Hello"},
    "POST /api/v1/disputes/{dispute_id}/close": {"reason": "Settled."},
    "POST /api/v1/disputes/{dispute_id}/reopen": {"reason": "Not settled."},
    "POST /api/v1/disputes/{dispute_id}/holds": {"reason": "A court asks."},
    "POST /api/v1/moderation/preview": {"text": "Hello"},
    "POST /api/v1/moderation/queue/{item_id}/resolve": {"verdict": "uphold", "reason": "Seen."},
    "POST /api/v1/moderation/appeals/{appeal_id}/resolve": {"verdict": "uphold", "reason": "Seen."},
    "POST /api/v1/reports": {"kind": "chat_message", "text_id": "{seller_text_id}", "because": "abuse"},
    "POST /api/v1/reports/{report_id}/appeal": {"because": "harmful"},
    "POST /api/v1/decisions/{decision_id}/appeal": {"because": "misread"},
    "POST /api/policies/bundles": {"files": {}},
    "POST /api/policies/bundles/{bundle_id}/approve": {"digest": "", "report_digest": ""},
    "POST /api/policies/bundles/{bundle_id}/reject": {"digest": "", "report_digest": ""},
    "POST /api/policies/bundles/{bundle_id}/break-glass": {"reason": "The shop is down."},
    "POST /api/policies/bundles/{bundle_id}/schedule": {"at": "2126-01-01T00:00:00Z"},
    "POST /api/policies/decide-batch": {"items": [{"policy": "chat", "facts": FACTS}]},
    "POST /api/policies/{name}/decide": {"facts": FACTS},
}
BODIES |= {
    f"{name.replace(' ', f' {base}')}": body
    for base in SURFACES
    for name, body in {
        "POST /ephemeral/messages": {"text": "Hello"},
        "POST /decisions/{decision_id}/appeal": {"because": "misread"},
        "POST /conversations": {"message": "Hello"},
        "POST /conversations/{conversation_id}/messages": {"text": "Hello"},
        "PATCH /conversations/{conversation_id}": {"title": "Mine"},
    }.items()
}
QUERIES = {
    "GET /api/v1/moderation/texts/{text_id}": "?kind=chat_message",
    "GET /api/v1/moderation/statistics": "?month=2026-11",
}
UPLOADS = {"POST /api/v1/disputes/{dispute_id}/media"}
# Routes that belong neither to our views nor to Ninja.
PAGES = {
    "healthz": ["GET"],
    "readyz": ["GET"],
    "metrics": ["GET"],
    "problems": ["GET"],
    "problems/{code}": ["GET"],
    "api/v1/openapi.json": ["GET"],
    "api/policies/openapi.json": ["GET"],
    "assistant/openapi.json": ["GET"],
    "assistant/ninja/openapi.json": ["GET"],
    "assistant/demo": ["GET"],
    "": ["GET"],
    "console/": ["GET"],
    "console/policies": ["GET"],
    "console/policies/{name}": ["GET"],
    "console/policies/{name}/compare": ["GET"],
    "console/policies/{name}/text": ["GET"],
    "console/decisions": ["GET"],
    "console/decisions/{decision_id}": ["GET"],
    "console/changes": ["GET"],
    "console/changes/files": ["GET"],
    "console/changes/publish": ["GET", "POST"],
    "console/changes/{number}": ["GET", "POST"],
    "console/try": ["GET"],
    "console/try/{name}": ["GET", "POST"],
    "console/mine": ["GET"],
    "console/mine/decisions/{decision_id}": ["GET", "POST"],
    "console/mine/reports/{report_id}": ["GET", "POST"],
    "console/account": ["GET", "POST"],
    "console/account/password": ["GET", "POST"],
    "console/reset": ["GET", "POST"],
    "console/reset/asked": ["GET"],
    "console/reset/{uidb64}/{token}": ["GET", "POST"],
    "console/sign-in": ["GET", "POST"],
    "console/sign-out": ["POST"],
    "console/moderation/try": ["GET", "POST"],
    "console/moderation/queue": ["GET", "POST"],
    "console/moderation/queue/{item_id}": ["GET", "POST"],
    "console/moderation/guide": ["GET"],
    "console/moderation/appeals": ["GET"],
    "console/moderation/appeals/{appeal_id}": ["GET", "POST"],
}
ELSEWHERE = ("admin/",)  # has its own table
NOT_FOUND = {"api/", "^api(?:/|$)", "assistant/ninja/", "^assistant(?:/|$)"}


CAPTURED = re.compile(r"<(?:\w+:)?(\w+)>")


def operations() -> set[str]:
    """The operations in the code, without duplicates."""
    documents = (
        policy_api.get_openapi_schema(),
        assistant_api.get_openapi_schema(path_prefix="assistant/ninja/"),
    )
    others = {
        f"{method.upper()} {path}"
        for document in documents
        for path, methods in document["paths"].items()
        for method in methods
    }
    pages = {f"{method} /{route}" for route, methods in PAGES.items() for method in methods}
    return {f"{method} {path}" for method, path, _ in routes()} | others | pages


def routes_that_nobody_lists() -> set[str]:
    """Routes outside both surfaces and the known pages. Ninja's come from its own document."""
    return {route for route, callback in _routes(get_resolver()) if not _is_known(route, callback)}


def _is_known(route: str, callback: Any) -> bool:
    view = getattr(callback, "view_class", None)
    ours = isinstance(view, type) and issubclass(view, ApiView) and (view.described or route in PAGES)
    ninja = callback.__module__.startswith("ninja.") and route.startswith(("api/policies", "assistant/ninja"))
    return ours or ninja or route in PAGES or route in NOT_FOUND or route.startswith(ELSEWHERE)


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield CAPTURED.sub(r"{\1}", route), pattern.callback
        else:
            yield from _routes(pattern, route)


def call(operation: str, caller: Caller, ids: dict[str, Any]) -> HttpResponse:
    method, _, template = operation.partition(" ")
    path = template.format(**ids) + QUERIES.get(operation, "")
    if template.startswith("/console/"):
        return getattr(browser_of(caller), method.lower())(path)
    if operation in UPLOADS:
        return send_file(caller, path, PDF, "receipt.pdf")
    if method in {"POST", "PATCH"}:
        return getattr(caller, method.lower())(path, fill(BODIES.get(operation, {}), ids))
    return getattr(caller, method.lower())(path)


def browser_of(caller: Caller) -> Client:
    """HTML pages use sessions, not tokens."""
    browser = Client()
    if caller.user is not None:
        browser.force_login(caller.user)
    return browser


def fill(body: Any, ids: dict[str, Any]) -> Any:
    """Replaces "{lamp_id}" with the id of the lamp."""
    if isinstance(body, dict):
        return {key: fill(value, ids) for key, value in body.items()}
    if isinstance(body, str) and body.startswith("{"):
        return ids[body[1:-1]]
    return body


def status_and_code(response: HttpResponse) -> str:
    """The status, and the code of a problem."""
    if response.headers.get("Content-Type") == "application/problem+json":
        return f"{response.status_code} {response.json()['code']}"
    return str(response.status_code)
