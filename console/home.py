"""The ways in, and the start page: what decides now, what changes next, and how the latest decisions came out."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.access import for_everybody, guarded, reads_bundles, reads_desk
from console.bars import draw
from console.waiting import find_waiting_for
from decisions import bundles
from decisions.activity import HOURS, NEWEST, latest_fail_safe, recent_activity
from decisions.schedule import coming_changes
from marketplace.accounts.models import User
from marketplace.publishing.queries import active, scheduled
from marketplace.publishing.source import follows_bundles

CHANGES_SHOWN = 10


@require_safe
@guarded
def welcome(request: HttpRequest) -> HttpResponseBase:
    """Redirect users who are signed in to their page."""
    if request.user.is_authenticated:
        return redirect("console:home")
    return render(request, "console/welcome.html")


@require_safe
@for_everybody
def home(request: HttpRequest, user: User) -> HttpResponse:
    """Redirect those who read neither policies nor decisions to a page of theirs."""
    if not reads_desk(user):
        return redirect("console:changes" if reads_bundles(user) else "console:mine")
    now = timezone.now()
    status = bundles.status()
    bundle = bundles.current() if status.digest is not None else None
    activity = recent_activity(now=now)
    return render(request, "console/home.html", {
        "status": status,
        "problems": status.problems,
        "policies": len(bundle.policies) if bundle else 0,
        "changes": coming_changes(bundle, now=now)[:CHANGES_SHOWN] if bundle else [],
        "activity": activity,
        "now": now,
        "picture": draw(activity),
        "outcomes": activity.outcomes,
        "table": [(h.start, [h.counts.get(name, 0) for name in activity.outcomes]) for h in activity.hours],
        "hours": HOURS,
        "newest": NEWEST,
        "fail_safe": latest_fail_safe(activity),
        "waiting": find_waiting_for(user, now=now),
        "in_force": active() if follows_bundles() else None,
        "scheduled": scheduled() if follows_bundles() else None,
    })  # fmt: skip
