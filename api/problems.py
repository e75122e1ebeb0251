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
    "bad-request": (400, "Request not understood"),
    "malformed-json": (400, "Malformed JSON"),
    "invalid-cursor": (400, "Invalid cursor"),
    "unauthenticated": (401, "Authentication required"),
    "invalid-token": (401, "Invalid token"),
    "invalid-credentials": (401, "Wrong username or password"),
    "csrf-failed": (403, "CSRF token missing or incorrect"),
    "role-required": (403, "Insufficient role"),
    "forbidden": (403, "Forbidden"),
    "denied": (403, "Denied by a policy"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "not-acceptable": (406, "Only JSON is available"),
    "body-too-slow": (408, "Request body timed out"),
    "conflict": (409, "Conflict with the current state"),
    "request-in-progress": (409, "Request already in progress"),
    "length-required": (411, "Content-Length required"),
    "body-too-large": (413, "Request body too large"),
    "unsupported-media-type": (415, "Unsupported media type"),
    "unacceptable-file": (422, "Unacceptable file"),
    "invalid-request": (422, "Invalid request"),
    "idempotency-key-reused": (422, "Idempotency key already used for another request"),
    "throttled": (429, "Too many requests"),
    "internal-error": (500, "Internal server error"),
    "unavailable": (503, "Service unavailable"),
    "decision-unavailable": (503, "Policy could not be applied"),
}

# Advice for client developers, shown on the page of a problem kind.
ADVICE: Final[Mapping[str, str]] = {
    "bad-request": "The request cannot be parsed; `detail` says why. Retrying it does not help.",
    "malformed-json": "Send JSON in UTF-8 without duplicate keys, NaN, or more than 20 levels; `detail` locates the error.",
    "invalid-cursor": "A cursor is the `next` of an earlier page of the same list. Start again without one.",
    "unauthenticated": "Send `Authorization: Bearer` with a token from POST /api/auth/tokens, or a session cookie.",
    "invalid-token": "The token is unknown or revoked. Sign in again to get a new one.",
    "invalid-credentials": "No account has this username and password.",
    "csrf-failed": "Unsafe requests with a session cookie need the CSRF token in X-CSRFToken.",
    "role-required": "Your role may not use this operation; `detail` names the roles that may.",
    "forbidden": "You may not do this.",
    "denied": "A policy denied the request. `code` is the rule that denied it; `message` is the policy's explanation.",
    "not-found": "The object does not exist, or you may not see it; the response is the same for both.",
    "method-not-allowed": "The Allow header lists the supported methods.",
    "not-acceptable": "Responses are JSON: omit the Accept header, or accept application/json.",
    "body-too-slow": "A body may take ten seconds, plus one for each 16 KB. The connection is closed after this response.",
    "conflict": "The current state does not allow this, which may change. `message` or `detail` says why.",
    "request-in-progress": "A request with the same Idempotency-Key is in progress. Retry after the seconds in Retry-After.",
    "length-required": "Send a Content-Length instead of a chunked body.",
    "body-too-large": "The limit is 64 KB, 1 MB for bodies with facts or files of policies, and 50 MB for files.",
    "unsupported-media-type": "Send JSON as application/json, and files as multipart/form-data.",
    "unacceptable-file": "The file is of an unsupported kind, damaged or too large; `code` and `detail` say which.",
    "invalid-request": "`errors` lists each invalid place in the body or the query, with the reason.",
    "idempotency-key-reused": "The key was already used for another request. Use a new one.",
    "throttled": "You exceeded your rate limit. Wait for the seconds in Retry-After.",
    "internal-error": "This is our fault. It was logged under the X-Request-ID of the response.",
    "unavailable": "A service that this needs is down or overloaded. Retry after the seconds in Retry-After.",
    "decision-unavailable": "The facts of this request do not match the policy in force, so nothing was done.",
}

# Codes more specific than their kind: conflicts in the database, and cases that only some requests meet. Policy denials use
# rule ids instead.
FINER: Final[Mapping[str, tuple[str, str]]] = {
    "already-judged": ("conflict", "You have approved or rejected this report already."),
    "already-open": ("conflict", "This order already has an open dispute."),
    "already-reviewed": ("conflict", "A sale can be reviewed only once."),
    "already-reviewed-activation": ("conflict", "Somebody has reviewed this break-glass activation."),
    "already-withdrawn": ("conflict", "The bundle was withdrawn. Publish it again."),
    "another-bundle": (
        "conflict",
        "The bundle has another digest than the one that you name. Read it again.",
    ),
    "another-is-scheduled": ("conflict", "Another bundle is scheduled. Withdraw it first."),
    "another-report": ("conflict", "There is a newer report about the bundle. Read that one."),
    "appeal-changed": ("conflict", "The appeal was closed in the meantime, or you have a part in it."),
    "appealed-before": ("conflict", "Everybody can appeal once against what became of a text."),
    "bundle-guarded": (
        "conflict",
        "The policy `policy_change` permits this, but the database refuses it; `detail` says why.",
    ),
    "bundle-in-force-broken": (
        "conflict",
        "The bundle in force cannot decide about changes. An approver has to break the glass.",
    ),
    "bundle-no-longer-passes": (
        "conflict",
        "This version of Comity refuses the bundle; `detail` says why. Publish a better one.",
    ),
    "bundle-refused": (
        "invalid-request",
        "The bundle has errors, so nothing was stored. `errors` lists them, up to 20.",
    ),
    "bundle-unreadable": (
        "conflict",
        "A stored bundle no longer loads, or a text of it is missing or was altered; `detail` says which.",
    ),
    "chat-locked": ("conflict", "The sale is complete, so its chat accepts no more messages."),
    "checks-busy": (
        "unavailable",
        "This server process is checking another bundle. Retry after the seconds in Retry-After.",
    ),
    "conversation-deleted": ("conflict", "The conversation was deleted in the meantime."),
    "dispute-changed": ("conflict", "The dispute changed in the meantime. Read it again."),
    "dispute-closed": ("conflict", "The dispute is closed and accepts no more messages."),
    "file-broken": ("unacceptable-file", "The file is truncated, or not valid for its kind."),
    "file-kind": ("unacceptable-file", "Use a jpeg, png, webp, mp4 or pdf with a matching file extension."),
    "file-too-large": (
        "body-too-large",
        "The limit is 10 MB for images and pdf files, and 50 MB for mp4 files.",
    ),
    "file-too-many-pixels": (
        "unacceptable-file",
        "The limit is 40 million pixels, and 20 million for webp images.",
    ),
    "hold-released": ("conflict", "This hold was already released."),
    "item-changed": ("conflict", "The queue item changed in the meantime. Read it again."),
    "logged-in": (
        "conflict",
        "This operation is for anonymous callers. Use the conversations in the inbox.",
    ),
    "media-busy": (
        "unavailable",
        "Too many files are being processed. Retry after the seconds in Retry-After.",
    ),
    "no-grant": ("conflict", "Only a sale that both sides confirmed can be reviewed."),
    "no-policy-change": (
        "conflict",
        "The bundle in force has no policy `policy_change`. An approver has to break the glass.",
    ),
    "no-retention-date": (
        "conflict",
        "The retention policy gave no date for the media, so the dispute was not closed.",
    ),
    "nothing-to-appeal": (
        "conflict",
        "Only a text that was blocked, held, removed, or left up after a report can be appealed against.",
    ),
    "nothing-to-review": (
        "conflict",
        "The bundle was not put in force without approval, or that was reviewed.",
    ),
    "nothing-to-roll-back-to": ("conflict", "That bundle is in force, or has never been."),
    "other-profiles-in-force": (
        "conflict",
        "Other moderation profiles are in force by now. Open the page again.",
    ),
    "own-product": ("conflict", "Nobody can buy their own product."),
    "policies-just-edited": ("conflict", "The policies were edited a moment ago. Try again."),
    "reason-missing": ("conflict", "Breaking the glass needs a reason."),
    "reported-before": ("conflict", "Everybody can report a text once."),
    "sale-changed": ("conflict", "The sale changed in the meantime. Read the order again."),
    "sale-not-complete": ("conflict", "A dispute requires a sale that both sides have confirmed."),
    "schedule-in-the-past": ("conflict", "A bundle can be scheduled for a later moment only."),
    "set-changed": ("conflict", "The labelled set changed in the meantime. Try again."),
    "sold-to-another": ("conflict", "The seller confirmed this product to another buyer."),
    "storage-unavailable": (
        "unavailable",
        "The file storage is down. Retry after the seconds in Retry-After.",
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
    return Problem("not-found", "The object does not exist, or you may not see it.")


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    named = ", ".join(sorted(allowed))
    return Problem("method-not-allowed", f"Allowed here: {named}.", headers={"Allow": named})


def respond(problem: Problem) -> HttpResponse:
    text = json.dumps(problem.to_document(), ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", "replace")
    return HttpResponse(content, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers)
