"""How we rule: a page for moderators, with the words of the policies in force."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.access import for_moderators
from console.why import tolerated_in
from marketplace.accounts.models import User
from marketplace.moderation.models import Kind, Verdict
from marketplace.moderation.queries import claim_lasts, ruling_reasons


@require_safe
@for_moderators
def guide(request: HttpRequest, moderator: User) -> HttpResponse:
    now = timezone.now()
    reasons = ruling_reasons(now=now)
    return render(request, "console/queue_guide.html", {
        "tolerated": [tolerated_in(kind, now=now) for kind in Kind.values],
        "claim_lasts": claim_lasts(now=now),
        "reasons": [
            ("It breaks a rule", [each for each in reasons if each.verdict == Verdict.UPHOLD]),
            ("It breaks none", [each for each in reasons if each.verdict == Verdict.OVERTURN]),
        ],
    })  # fmt: skip
