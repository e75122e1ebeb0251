"""Problem documents (RFC 9457): the one table of codes, and the one exception that becomes an answer.

`instance` is left out, so that the answers about an unknown and about a foreign object are equal to the byte.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpResponse

CONTENT_TYPE: Final = "application/problem+json"

# code -> (status, title). docs/api.md lists the same table; tests compare the two.
KINDS: Final[Mapping[str, tuple[int, str]]] = {
    "bad-request": (400, "The request is not understood"),
    "malformed-json": (400, "The body is not acceptable JSON"),
    "invalid-cursor": (400, "The cursor is not one of this list"),
    "unauthenticated": (401, "Credentials are needed"),
    "invalid-token": (401, "The token is not valid"),
    "invalid-credentials": (401, "The username or password is wrong"),
    "csrf-failed": (403, "The CSRF token is missing or wrong"),
    "role-required": (403, "Your role does not allow this"),
    "forbidden": (403, "This is not allowed"),
    "denied": (403, "Denied by a policy"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "The method is not allowed here"),
    "not-acceptable": (406, "Only JSON can be answered"),
    "body-too-slow": (408, "The body did not arrive in time"),
    "conflict": (409, "The present state forbids this"),
    "request-in-progress": (409, "The same request is at work"),
    "length-required": (411, "The length of the body is needed"),
    "body-too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body is of another type than this operation reads"),
    "unacceptable-file": (422, "The file cannot be taken"),
    "invalid-request": (422, "The request does not fit the contract"),
    "idempotency-key-reused": (422, "The idempotency key stands for another request"),
    "throttled": (429, "Too many requests"),
    "internal-error": (500, "Something went wrong on our side"),
    "unavailable": (503, "The service cannot answer now"),
    "decision-unavailable": (503, "The policy could not be applied"),
}


class Problem(Exception):
    """An answer that refuses. `code` may name something finer than `kind`, such as the rule that denied."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.title = KINDS[kind]
        self.code = code or kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.members,
        }
        return document | {"errors": self.errors} if self.errors else document


def not_found() -> Problem:
    """The same for what does not exist and for what is not the caller's to see."""
    return Problem("not-found", "There is nothing here that you can see.")


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    named = ", ".join(sorted(allowed))
    return Problem("method-not-allowed", f"Allowed here: {named}.", headers={"Allow": named})


def respond(problem: Problem) -> HttpResponse:
    text = json.dumps(problem.to_document(), ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", "replace")
    return HttpResponse(content, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)
