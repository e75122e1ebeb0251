"""Maps exceptions of all layers to problems and their status: the only place that does."""

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from api.contract.fields import render_moment
from api.json_body import pointer_to
from api.parsing import MAX_ERRORS
from api.problems import Problem, not_found
from decisions import BundleUnavailable, Denied
from decisions.texts import TextUnavailable
from engine import Decision, PolicyNotInForce
from marketplace.assistant.answers.store import TopicsUnavailable
from marketplace.disputes.media.kinds import UnacceptableFile
from marketplace.disputes.media.slots import MediaBusy
from marketplace.disputes.storage.store import StorageUnavailable
from marketplace.errors import Refused
from marketplace.moderation.queries import support_of
from marketplace.outages import outage_of
from marketplace.publishing.checking import ChecksBusy
from marketplace.publishing.files import FOLDER, BundleRefused

# Rules that deny because one of our own services is down (503).
TROUBLE_RULES: Final[Mapping[str, frozenset[str]]] = {
    "moderation_profiles": frozenset({"moderation-unavailable"})
}
SOON: Final = {"Retry-After": "2"}
AFTER_A_CHECK: Final = {"Retry-After": "10"}


def problem_of(error: Exception) -> Problem | None:
    """None for an unexpected exception."""
    match error:
        case Problem():
            return error
        case ObjectDoesNotExist() | Http404():
            return not_found()
        case Denied():
            return _denial(error.decision)
        case BundleRefused():
            return _refused_bundle(error)
        case TextUnavailable():
            return Problem("conflict", f"{error}.", code="bundle-unreadable")
        case Refused():
            return Problem("conflict", error.message, code=error.code)
        case (
            BundleUnavailable()
            | PolicyNotInForce()
            | TopicsUnavailable()
            | OperationalError()
            | InterfaceError()
        ):
            return _unavailable()
        case DatabaseError() if outage_of(error):  # read-only or damaged
            return _unavailable()
        case UnacceptableFile():
            return _unacceptable(error)
        case StorageUnavailable():
            return _unavailable("storage-unavailable")
        case MediaBusy():
            return _unavailable("media-busy")
        case ChecksBusy():
            detail = "Another bundle is being checked. Please try again in a moment."
            return Problem("unavailable", detail, code="checks-busy", headers=AFTER_A_CHECK)
        case PermissionDenied():
            return Problem("forbidden", "You may not do this.")
        case RequestDataTooBig():
            return Problem("body-too-large", "The body exceeds the limit of this operation.")
        case BadRequest() | SuspiciousOperation() | UnreadablePostError() | MultiPartParserError():
            return Problem("bad-request", "The request could not be parsed.")
    return None


def _unavailable(code: str = "unavailable") -> Problem:
    return Problem("unavailable", "Please try again in a moment.", code=code, headers=SOON)


def _refused_bundle(refused: BundleRefused) -> Problem:
    errors = [
        {
            "pointer": pointer_to("files", problem.file.removeprefix(f"{FOLDER}/")),
            "message": problem.in_one_line(),
        }
        for problem in refused.problems[:MAX_ERRORS]
    ]
    detail = "The bundle has errors, so nothing was stored."
    return Problem("invalid-request", detail, code="bundle-refused", errors=errors)


def _unacceptable(refused: UnacceptableFile) -> Problem:
    kind = "body-too-large" if refused.code == "file-too-large" else "unacceptable-file"
    return Problem(kind, refused.message, code=refused.code)


def _denial(decision: Decision) -> Problem:
    if decision.errors:
        return Problem("decision-unavailable", "The facts of this request do not match the policy in force.")
    members = {
        "policy": decision.policy,
        "version": decision.version,
        "revision": decision.revision,
        "in_force_at": render_moment(decision.in_force_at),
        "outcome": decision.outcome,
        "rule": decision.rule,
        "reason": decision.reason,
        "message": decision.message,
    }
    if support := support_of(decision):
        members["support"] = support
    kind = kind_of_denial(decision.policy, decision.reason, decision.status)
    headers = SOON if kind == "unavailable" else {}
    return Problem(kind, decision.message, code=decision.reason, headers=headers, members=members)


def kind_of_denial(policy: str, reason: str, status: str | None) -> str:
    if reason in TROUBLE_RULES.get(policy, ()):
        return "unavailable"
    return "conflict" if status == "conflict" else "denied"
