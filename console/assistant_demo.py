"""Public demo page of the floating assistant. The assistant itself belongs to the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import guarded
from marketplace.accounts.queries import find_user_by_session


def show(request: HttpRequest) -> HttpResponse:
    """Two pages that link to each other, to show that the assistant survives navigation."""
    other = "second" if request.GET.get("page") != "second" else "first"
    presents_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    user = find_user_by_session(request.session) if presents_session else None
    return render(request, "console/assistant_demo.html", {"other": other, "user": user})


assistant_demo = require_safe(guarded(show))
