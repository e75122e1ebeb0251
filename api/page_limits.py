"""Pages of browsers, held to the same rates as the API."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import Problem, respond
from api.throttle import client_address, take_turn

Page = Callable[..., HttpResponseBase]


def limit_sign_in(page: Page) -> Page:
    """Passwords cannot be guessed any faster here than over the API."""

    def count(request: HttpRequest) -> None:
        take_turn("login", f"address {client_address(request)}")
        take_turn("login", f"username {request.POST.get('username', '').casefold()}")

    return _counted(page, count)


def limit_reset(page: Page) -> Page:
    """Asking for a link, and presenting one. Whose address it is makes no difference."""

    def count(request: HttpRequest) -> None:
        take_turn("login", f"address {client_address(request)}")
        if email := request.POST.get("email", ""):
            take_turn("login", f"email {email.casefold()}")

    return _counted(page, count)


def limit_own_password(page: Page) -> Page:
    """Whoever sits down at somebody else's session cannot guess the password there any faster."""

    def count(request: HttpRequest) -> None:
        take_turn("login", f"address {client_address(request)}")
        take_turn("login", f"username {request.user.get_username().casefold()}")

    return _counted(page, count)


def limit_writes(page: Page) -> Page:
    def count(request: HttpRequest) -> None:
        who = request.user.pk
        take_turn("write", str(who)) if who else take_turn("anonymous", client_address(request))

    return _counted(page, count)


def _counted(page: Page, count: Callable[[HttpRequest], None]) -> Page:
    """Looking at a page is not counted."""

    def limited(request: HttpRequest, **captured: str) -> HttpResponseBase:
        try:
            if request.method == "POST":
                count(request)
        except Problem as problem:
            return respond(problem)
        return page(request, **captured)

    return limited
