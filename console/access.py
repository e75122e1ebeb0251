"""Access control and security headers for the console's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from marketplace.accounts.models import User

View = Callable[..., HttpResponseBase]
UserView = Callable[[HttpRequest, User], HttpResponse]

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


def for_everybody(handler: UserView) -> View:
    """Redirect anonymous visitors to the sign-in page."""

    @guarded
    @wraps(handler)
    def view(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.path, reverse("console:sign-in"))
        return handler(request, user)

    return view


def for_moderators(handler: UserView) -> View:
    """Show a 403 page to signed-in users who are not moderators."""

    @wraps(handler)
    def view(request: HttpRequest, user: User) -> HttpResponse:
        if not user.moderates:
            return render(request, "console/forbidden.html", status=403)
        return handler(request, user)

    return for_everybody(view)
