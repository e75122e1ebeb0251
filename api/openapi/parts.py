"""Parts that all OpenAPI documents share: authentication, response headers and one error response per status."""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings

from api.admission import Access
from api.auth import SAFE_METHODS
from api.keys import KEY_SYNTAX, WRITTEN
from api.openapi.operations import FILE, Operation
from api.problems import CONTENT_TYPE, KINDS

Part = dict[str, Any]

WITH_BODY: Final = frozenset({"POST", "PATCH"})
ALWAYS: Final = ("X-Request-ID", "Comity-Bundle", "Comity-Decision")
DEPRECATION: Final = ("Deprecation", "Sunset", "Link")
OF_REFUSALS: Final = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
CODES_OF_RULES: Final = frozenset({403, 409, 503})
"""Statuses of policy denials; their problem codes are rule ids."""


def _header(description: str, **schema: Any) -> Part:
    return {"description": description, "schema": schema or {"type": "string"}}


HEADERS: Final = {
    "X-Request-ID": _header("The id of this request in the log: the caller's own, if acceptable."),
    "Comity-Bundle": _header("The digest of the policies in force; absent while none are loaded."),
    "Comity-Decision": _header(
        "The ids of the decisions that this request recorded, in their order, separated by commas; the last one is the refusal "
        "of a denial. Absent if there are none. `GET /api/v1/decisions/{id}` reads one.",
        type="string",
        pattern="^[0-9]+(, [0-9]+)*$",
    ),
    "WWW-Authenticate": _header("`Bearer`, with the reason if a token was not accepted."),
    "Retry-After": _header("Seconds to wait before retrying.", type="integer", minimum=0),
    "Idempotency-Replayed": _header(
        "Present if this response is a replay for an earlier request with this Idempotency-Key.",
        type="string",
        enum=["true"],
    ),
    "Content-Disposition": _header("`attachment`, with a file name."),
    "Deprecation": _header("Present once this surface is deprecated: since when (RFC 9745)."),
    "Sunset": _header("Present once this surface is deprecated: when it may be removed (RFC 8594)."),
    "Link": _header("Present once this surface is deprecated: the same resource on its successor."),
    "Set-Cookie": _header("The cookie with the caller's session; HttpOnly."),
}

IDEMPOTENCY_KEY: Final[Part] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": f"A request sent again with the same key has no second effect. {KEY_SYNTAX[0].upper()}{KEY_SYNTAX[1:]}.",
    "schema": {"type": "string", "pattern": WRITTEN},
}


def security_schemes() -> Part:
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from `POST /api/auth/tokens`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a browser that signed in through a form.",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": f"The value of the cookie `{settings.CSRF_COOKIE_NAME}`; required with a session for unsafe methods.",
        },
    }


def security_of(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.access is Access.UNASKED:
        return []
    if operation.token_only:
        return [{"token": []}]
    session: dict[str, list[str]] = {"session": []}
    if operation.method not in SAFE_METHODS:
        session["csrf"] = []
    signed_in: list[dict[str, list[str]]] = [{"token": []}, session]
    return [{}, *signed_in] if operation.access is Access.ANYONE else signed_in


def refusals_of(operation: Operation) -> list[int]:
    """The error statuses that the operation may return."""
    statuses = {400, 429, 500, 503, *operation.refusals}
    if FILE not in operation.answers.values():
        statuses |= {406}
    if operation.access is not Access.UNASKED:
        statuses |= {401}
        if operation.method not in SAFE_METHODS or operation.access in {
            Access.MODERATORS,
            Access.POLICY_READERS,
            Access.BUNDLE_READERS,
            Access.APPROVERS,
        }:
            statuses |= {403}
    if operation.method in WITH_BODY:
        statuses |= {408, 411, 413, 415, 422}
    if operation.takes_key:
        statuses |= {409}
    if operation.paged:
        statuses |= {422}
    if "{" in operation.path:
        statuses |= {404}
    return sorted(statuses)


def refusal(status: int, schema: Part, always: Iterable[str]) -> Part:
    codes = ", ".join(f"`{code}`" for code, (of, _) in KINDS.items() if of == status)
    more = ", or the id of the denying rule" if status in CODES_OF_RULES else ""
    return {
        "description": f"Error. `code` is one of {codes}{more}.",
        "headers": refer_to_headers((*always, *OF_REFUSALS.get(status, ()))),
        "content": {CONTENT_TYPE: {"schema": schema}},
    }


def headers_of(operation: Operation, always: Iterable[str]) -> list[str]:
    """The headers of its successful responses."""
    replayed = ["Idempotency-Replayed"] if operation.takes_key else []
    return [*always, *replayed, *operation.headers]


def refer_to_headers(names: Iterable[str]) -> Part:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
