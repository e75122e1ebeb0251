"""Access control and security headers for the console's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from marketplace.accounts.models import Role, User
from marketplace.publishing.policy import MAY_APPROVE

View = Callable[..., HttpResponseBase]
UserView = Callable[..., HttpResponse]
"""Takes the request, the user, and what the URL captured."""

READERS: Final = frozenset({Role.POLICY_OWNER, Role.MODERATOR})
"""The roles that read policies and decisions. Testers have the permission instead."""
READS: Final = "decisions.view_decisionrecord"

CONTENT_SECURITY_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def guarded(view: View) -> View:
    """Load nothing but our own files, and keep user content out of caches."""

    @wraps(view)
    def guard(request: HttpRequest, **captured: str) -> HttpResponseBase:
        response = view(request, **captured)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    return guard


def reads_desk(user: User) -> bool:
    """Whether the user may read policies and recorded decisions, and try facts. Only other roles cost a query."""
    return user.role in READERS or user.has_perm(READS)


def reads_bundles(user: User) -> bool:
    """Whether the user may read published bundles. Approvers may have any role."""
    return reads_desk(user) or user.has_perm(MAY_APPROVE)


def for_everybody(handler: UserView) -> View:
    """Redirect anonymous visitors to the sign-in page."""

    @guarded
    @wraps(handler)
    def view(request: HttpRequest, **captured: str) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path(), reverse("console:sign-in"))
        try:
            return handler(request, user, **captured)
        except Http404:
            return render(request, "console/missing.html", status=404)

    return view


def for_readers(handler: UserView) -> View:
    """Show a 403 page to signed-in users who may not read policies and decisions."""
    return _only(handler, reads_desk, "policy owners, moderators and testers")


def for_bundle_readers(handler: UserView) -> View:
    """Show a 403 page to signed-in users who may not read published bundles."""
    return _only(handler, reads_bundles, "policy owners, approvers, moderators and testers")


def for_moderators(handler: UserView) -> View:
    """Show a 403 page to signed-in users who are not moderators."""
    return _only(handler, lambda user: user.moderates, "moderators")


def for_profile_tuners(handler: UserView) -> View:
    """Show a 403 page to signed-in users who neither moderate nor own policies."""
    return _only(handler, lambda user: user.role in READERS, "policy owners and moderators")


def _only(handler: UserView, allows: Callable[[User], bool], who: str) -> View:
    @wraps(handler)
    def view(request: HttpRequest, user: User, **captured: str) -> HttpResponse:
        if not allows(user):
            return render(request, "console/forbidden.html", {"who": who}, status=403)
        return handler(request, user, **captured)

    return for_everybody(view)
