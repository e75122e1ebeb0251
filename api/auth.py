"""Authentication for both surfaces: a bearer token, or a session whose unsafe requests carry a CSRF token."""

from typing import Final

from django.conf import settings
from django.contrib.auth import authenticate as check_password
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from api.problems import Problem
from marketplace.accounts.models import User
from marketplace.accounts.queries import find_user_by_session, find_user_by_token
from marketplace.publishing.policy import MAY_APPROVE

CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
POLICY_ROLES: Final = frozenset({"policy_owner", "moderator"})


def authenticate(request: HttpRequest) -> User | None:
    """Costs one query for a token, and none when no credential is presented."""
    token = read_bearer(request)
    if token is not None:
        return _user_of_token(token)
    user = _session_user(request)
    if user is not None and request.method not in SAFE_METHODS:
        _check_csrf(request)
    return user


def read_bearer(request: HttpRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def sign_in(request: HttpRequest, *, username: str, password: str) -> User:
    user = check_password(request, username=username, password=password)
    if not isinstance(user, User):
        raise Problem("invalid-credentials", "No account has this username and password.", headers=CHALLENGE)
    return user


def may_read_policies(user: User) -> bool:
    """Whether the caller may read policy text and full explanations, decide for future moments and use other people's facts."""
    return user.role in POLICY_ROLES


def may_read_bundles(user: User) -> bool:
    """Approvers may have any role."""
    return may_read_policies(user) or user.has_perm(MAY_APPROVE)


def _user_of_token(token: str) -> User:
    user = find_user_by_token(token)
    if user is None:
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Problem("invalid-token", "The bearer token is unknown or revoked.", headers=headers)
    return user


def _session_user(request: HttpRequest) -> User | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return find_user_by_session(request.session)


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, returning its reason instead of an HTML page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _no_response(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _check_csrf(request: HttpRequest) -> None:
    check = _CsrfCheck(_no_response)
    check.process_request(request)
    if check.process_view(request, _no_response, (), {}):
        raise Problem("csrf-failed", "A session must send its CSRF token in the X-CSRFToken header.")
