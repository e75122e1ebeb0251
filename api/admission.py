"""Checks that every request passes before its operation runs, in the same order on both surfaces."""

from enum import Enum, auto

import structlog
from django.http import HttpRequest

from api import auth
from api.auth import CHALLENGE, SAFE_METHODS
from api.envelope import BODY_LIMIT, JSON, check_envelope
from api.idempotency import recognize
from api.incoming import name_sender
from api.problems import Problem
from api.throttle import client_address, enforce_rate
from marketplace.accounts.models import User
from marketplace.publishing.policy import MAY_APPROVE


class Access(Enum):
    UNASKED = auto()  # skip credentials altogether: sign-in must work despite a stale token
    ANYONE = auto()
    SIGNED_IN = auto()
    POLICY_READERS = auto()
    MODERATORS = auto()
    BUNDLE_READERS = auto()
    APPROVERS = auto()


def admit(
    request: HttpRequest,
    access: Access,
    *,
    body_limit: int = BODY_LIMIT,
    body_type: str = JSON,
    answer_type: str | None = JSON,
) -> User | None:
    """Check the headers, the credentials, the rate, the permission and the idempotency key, in that order. Returns None for an
    anonymous caller."""
    check_envelope(request, body_limit=body_limit, body_type=body_type, answer_type=answer_type)
    user = None if access is Access.UNASKED else _identify(request)
    if user is None:
        enforce_rate("anonymous", client_address(request))
    else:
        enforce_rate("read" if request.method in SAFE_METHODS else "write", str(user.pk))
    _check_access(user, access)
    recognize(request, user)
    return user


def _identify(request: HttpRequest) -> User | None:
    try:
        user = auth.authenticate(request)
    except Problem:
        enforce_rate("anonymous", client_address(request))
        raise
    if user is not None:
        request.user = user
        name_sender(request, f"user {user.pk}")
        structlog.contextvars.bind_contextvars(user_id=user.pk)
    return user


def _check_access(user: User | None, access: Access) -> None:
    if access in {Access.UNASKED, Access.ANYONE}:
        return
    if user is None:
        raise Problem("unauthenticated", "Send a bearer token or a session cookie.", headers=CHALLENGE)
    if access is Access.POLICY_READERS and not auth.may_read_policies(user):
        raise Problem("role-required", "Only policy owners and moderators may do this.")
    if access is Access.BUNDLE_READERS and not auth.may_read_bundles(user):
        raise Problem("role-required", "Only policy owners, moderators and approvers may do this.")
    if access is Access.APPROVERS and not user.has_perm(MAY_APPROVE):
        raise Problem("role-required", "Only approvers may do this.")
    if access is Access.MODERATORS and not user.moderates:
        raise Problem("role-required", "Only moderators may do this.")
