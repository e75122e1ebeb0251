"""Appeals: the list, and a page of each on which a moderator who has not ruled about the text before decides."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_moderators
from console.decisions import deciding_sentences
from console.findings import merged, strongest
from console.highlight import cut
from console.reasons import tone
from console.ruling import PLACES, Offer, is_hidden, offer, read_reason
from console.submitted import Unread, read_number, told
from decisions import Denied
from decisions.reading import view_decision
from detectors.signal import Signal
from marketplace.accounts.models import User
from marketplace.desk.appealed import (
    access_appeal_of_others,
    appeals_for,
    foresee_appeal_ruling,
    open_appealed_text,
)
from marketplace.desk.appealing import rule_on_appeal
from marketplace.desk.proposing import cases_as_yaml
from marketplace.desk.queue import count_opened_today
from marketplace.desk.reading import ReadText
from marketplace.errors import Refused
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.appeals import verdict_on_text
from marketplace.moderation.models import Appeal, AppealState, AppealVerdict, Fate
from marketplace.moderation.queries import appeal_reasons

SHOWN: Final = 50
UPHOLD, OVERTURN = AppealVerdict.UPHOLD, AppealVerdict.OVERTURN


@require_safe
@for_moderators
def appeals(request: HttpRequest, moderator: User) -> HttpResponse:
    """Open ones, the oldest first, or closed ones, the newest first."""
    given = request.GET.get("state", "")
    state = AppealState(given) if given in AppealState.values else AppealState.OPEN
    found = appeals_for(moderator, state)
    if state != AppealState.OPEN:
        found = found.reverse()
    after = read_number(request.GET.get("after", ""))
    if after is not None:
        found = found.filter(pk__gt=after) if state == AppealState.OPEN else found.filter(pk__lt=after)
    rows = list(found[: SHOWN + 1])
    return render(request, "console/appeals.html", {
        "rows": [(appeal, PLACES[appeal.kind]) for appeal in rows[:SHOWN]],
        "state": state,
        "states": AppealState.values,
        "next": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
    })  # fmt: skip


def show(request: HttpRequest, moderator: User, appeal_id: int) -> HttpResponse:
    now = timezone.now()
    appeal = _find(moderator, appeal_id)
    problem, status, opened = "", 200, None
    if request.method == "POST":
        try:
            if request.POST.get("do") in AppealVerdict.values:
                messages.success(request, _rule(request.POST, moderator, appeal, now))
                return redirect("console:appeals")
        except (Unread, Denied, Refused) as error:
            problem, status = told(error)
            appeal = _find(moderator, appeal_id)
        try:
            if "open" in request.POST:
                opened = open_appealed_text(moderator=moderator, appeal=appeal, now=now)
        except Denied as error:
            problem, status = told(error)
    context = _context(appeal, moderator, opened, now)
    context |= {"problem": problem, "given": request.POST, "asked": "open" in request.POST}
    return render(request, "console/appeal.html", context, status=status)


appeal = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show))


def _find(moderator: User, appeal_id: int) -> Appeal:
    try:
        return access_appeal_of_others(moderator, appeal_id)
    except (Appeal.DoesNotExist, OverflowError):
        raise Http404 from None


def _context(appeal: Appeal, moderator: User, opened: ReadText | None, now: datetime) -> dict[str, Any]:
    view = view_decision(appeal.decision, facts=None)
    return {
        "appeal": appeal,
        "place": PLACES[appeal.kind],
        "is_open": opened is not None,
        "view": view,
        "tone": tone(appeal.decision.outcome, view.version_read.outcomes) if view.version_read else "",
        "sentences": deciding_sentences(view.version_read, appeal.decision) if view.version_read else [],
        "foreseen": foresee_appeal_ruling(moderator=moderator, appeal=appeal, now=now),
        "rulings": _offers(appeal, now) if appeal.state == AppealState.OPEN else [],
        "case": cases_as_yaml([appeal]),
        "opened": count_opened_today(moderator, now=now),
        **_text(appeal, opened),
    }


def _text(appeal: Appeal, opened: ReadText | None) -> dict[str, Any]:
    """Blocked and hard texts are shown once they are opened, others at once."""
    item = appeal.item
    is_shown = opened is not None or (item is not None and not is_hidden(item))
    text = opened.text if opened else ""
    if opened is None and item is not None and is_shown:
        text = flagged_texts([item])[item.pk].text
    signals = strongest([Signal(**signal) for signal in item.signals] if item else [])
    return {
        "is_shown": is_shown,
        "is_gone": is_shown and not text,
        "pieces": cut(text, signals) if is_shown else [],
        "found": merged(text, signals),
    }


def _offers(appeal: Appeal, now: datetime) -> list[Offer]:
    """Each says what becomes of the text."""
    if appeal.report_id is not None:
        words = {
            UPHOLD: ("Uphold: leave it", "It stays where it is."),
            OVERTURN: ("Overturn: remove it", "From now on only its author and moderators see it."),
        }
    elif appeal.item is None or appeal.item.blocked:
        words = {
            UPHOLD: ("Uphold the block", "It stays refused, and the strike stands."),
            OVERTURN: (
                "Overturn: deliver it",
                "It appears where it was written, and the strike is taken back.",
            ),
        }
    else:
        removed = appeal.item.fate == Fate.REMOVED
        words = {
            UPHOLD: ("Uphold: keep it back", "Only its author and moderators see it."),
            OVERTURN: (
                "Overturn: restore it" if removed else "Overturn: deliver it",
                "It appears where it was written.",
            ),
        }
    reasons = appeal_reasons(decided_at=appeal.decided_at, now=now)
    return [
        offer(verdict, verdict_on_text(appeal, verdict), button, effect, reasons)
        for verdict, (button, effect) in words.items()
    ]


def _rule(given: QueryDict, moderator: User, appeal: Appeal, now: datetime) -> str:
    verdict = AppealVerdict(given.get("do", ""))
    because, note = read_reason(given)
    rule_on_appeal(
        moderator=moderator, appeal_id=appeal.pk, verdict=verdict, because=because, reason=note, now=now
    )
    said = "the decision stands" if verdict == UPHOLD else "the decision is overturned"
    return f"Appeal {appeal.pk}: {said}."
