"""The console's start page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from console.access import for_everybody
from marketplace.accounts.models import User


@require_safe
@for_everybody
def home(request: HttpRequest, user: User) -> HttpResponse:
    """Redirect moderators to moderation and everybody else to their account."""
    return redirect("console:try" if user.moderates else "console:account")
