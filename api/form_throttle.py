"""Applies the API's rate limits to the HTML forms."""

from collections.abc import Callable
from typing import Final

from django.contrib.auth.forms import UsernameField
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import Problem, respond
from api.throttle import client_address, enforce_rate
from marketplace.accounts.models import User

View = Callable[..., HttpResponseBase]

_USERNAME: Final = UsernameField(max_length=User._meta.get_field("username").max_length)


def limit_sign_in(view: View) -> View:
    """Limit password guesses in the same way as over the API."""

    def count(request: HttpRequest) -> None:
        _count_guess(request, request.POST.get("username", ""))

    return _throttled(view, count)


def limit_reset(view: View) -> View:
    """Limit requests for a reset link and uses of one, whether or not the address has an account."""

    def count(request: HttpRequest) -> None:
        enforce_rate("login", f"address {client_address(request)}")
        if email := request.POST.get("email", "").strip():
            enforce_rate("login", f"email {email.casefold()}")

    return _throttled(view, count)


def limit_own_password(view: View) -> View:
    """Limit password guesses by somebody who uses another person's session."""

    def count(request: HttpRequest) -> None:
        _count_guess(request, request.user.get_username())

    return _throttled(view, count)


def limit_writes(view: View) -> View:
    def count(request: HttpRequest) -> None:
        who = request.user.pk
        enforce_rate("write", str(who)) if who else enforce_rate("anonymous", client_address(request))

    return _throttled(view, count)


def _count_guess(request: HttpRequest, username: str) -> None:
    """Counts the name that the form makes of what was typed, without spaces around it and in normal letters."""
    enforce_rate("login", f"address {client_address(request)}")
    enforce_rate("login", f"username {(_USERNAME.to_python(username) or '').casefold()}")


def _throttled(view: View, count: Callable[[HttpRequest], None]) -> View:
    """Count POST requests only."""

    def limited(request: HttpRequest, **captured: str) -> HttpResponseBase:
        try:
            if request.method == "POST":
                count(request)
        except Problem as problem:
            return respond(problem)
        return view(request, **captured)

    return limited
