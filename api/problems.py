"""Problem documents (RFC 9457): the table of codes, and the exception that becomes a response.

`instance` is left out, so that responses about an unknown object and about somebody else's are byte-identical.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpResponse

CONTENT_TYPE: Final = "application/problem+json"

# code -> (status, title). docs/api.md has the same table; a test compares the two.
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

# Advice for client developers, shown on the page of a problem kind.
ADVICE: Final[Mapping[str, str]] = {
    "bad-request": "Something about the request cannot be read; `detail` says what. Sending it again changes nothing.",
    "malformed-json": "Send JSON in UTF-8 without duplicate keys, NaN, or more than 20 levels; `detail` says where it broke.",
    "invalid-cursor": "A cursor is the `next` of an earlier page of the same list. Begin again without one.",
    "unauthenticated": "Send `Authorization: Bearer` with a token from POST /api/auth/tokens, or the cookie of a session.",
    "invalid-token": "The token is unknown or was revoked. Sign in again for another one.",
    "invalid-credentials": "No account has this username and password.",
    "csrf-failed": "A request with a session cookie that changes something needs the CSRF token in X-CSRFToken.",
    "role-required": "This operation is for other roles than yours; `detail` names them.",
    "forbidden": "You may not do this.",
    "denied": "A policy denied this. `code` is the rule that did, `message` says why, in the words of the policy.",
    "not-found": "What does not exist, and what is not yours to see, are answered alike.",
    "method-not-allowed": "The header Allow names the methods of this address.",
    "not-acceptable": "Answers are JSON: leave the Accept header out, or accept application/json.",
    "body-too-slow": "A body may take ten seconds, and one more for each 16 KB. The connection is closed after this answer.",
    "conflict": "The state of things forbids this; it may change. `message` or `detail` says what stands in the way.",
    "request-in-progress": "A request with the same Idempotency-Key is at work. Wait as Retry-After says, then send it again.",
    "length-required": "Send the body with a Content-Length rather than in chunks.",
    "body-too-large": "Bodies have at most 64 KB, 1 MB where they carry facts, 50 MB where they carry a file.",
    "unsupported-media-type": "Send JSON as application/json, and files as multipart/form-data.",
    "unacceptable-file": "The file is of no kind that is taken, is damaged or is too large; `code` and `detail` say which.",
    "invalid-request": "`errors` names each place of the body or the query that does not fit, and why.",
    "idempotency-key-reused": "The key was sent before with another request. Take a new one.",
    "throttled": "You asked more often than your rate allows. Wait for as many seconds as Retry-After says.",
    "internal-error": "This is our mistake. It was logged under the X-Request-ID of the answer.",
    "unavailable": "Something that this needs does not answer, or too much waits for it. Send it again after Retry-After.",
    "decision-unavailable": "The facts of this request do not fit the policy in force, so it was not carried out.",
}

# Codes more specific than their kind: conflicts in the database, and cases that only some requests meet. Policy denials use
# rule ids instead.
FINER: Final[Mapping[str, tuple[str, str]]] = {
    "already-open": ("conflict", "There is an open dispute about this order."),
    "already-reviewed": ("conflict", "A sale is reviewed once."),
    "chat-locked": ("conflict", "The sale is complete, and its chat takes no more messages."),
    "conversation-deleted": ("conflict", "The conversation was deleted while you wrote."),
    "dispute-changed": ("conflict", "The dispute changed while you acted. Look at it again."),
    "dispute-closed": ("conflict", "The dispute is closed and takes no more messages."),
    "file-broken": ("unacceptable-file", "The file is cut off, or cannot be read as what it says it is."),
    "file-kind": ("unacceptable-file", "Take a jpeg, png, webp, mp4 or pdf whose name says the same."),
    "file-too-large": ("body-too-large", "Images and pdf files may have 10 MB, mp4 files 50 MB."),
    "file-too-many-pixels": (
        "unacceptable-file",
        "Images may have 40 million pixels, webp images 20 million.",
    ),
    "hold-released": ("conflict", "This hold was lifted before."),
    "item-changed": ("conflict", "The item of the queue changed while you acted. Look at it again."),
    "logged-in": (
        "conflict",
        "This lane is for those who are logged out. Use the conversations of the inbox.",
    ),
    "media-busy": ("unavailable", "Too many files are being worked on. Send it again after Retry-After."),
    "no-grant": ("conflict", "Only a sale that both sides confirmed can be reviewed."),
    "no-retention-date": (
        "conflict",
        "The policy gave no date until when the media is kept, so nothing was closed.",
    ),
    "own-product": ("conflict", "Nobody buys their own product."),
    "sale-changed": ("conflict", "The sale changed while you acted. Look at the order again."),
    "sale-not-complete": ("conflict", "A dispute is about a sale that both sides have confirmed."),
    "sold-to-another": ("conflict", "The seller confirmed this product to another buyer."),
    "storage-unavailable": (
        "unavailable",
        "The storage of files does not answer. Send it again after Retry-After.",
    ),
}


class Problem(Exception):
    """An error response. `code` may be more specific than `kind`, such as the rule that denied."""

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
    """The same for an object that does not exist and for one that the caller may not see."""
    return Problem("not-found", "There is nothing here that you can see.")


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    named = ", ".join(sorted(allowed))
    return Problem("method-not-allowed", f"Allowed here: {named}.", headers={"Allow": named})


def respond(problem: Problem) -> HttpResponse:
    text = json.dumps(problem.to_document(), ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", "replace")
    return HttpResponse(content, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)
