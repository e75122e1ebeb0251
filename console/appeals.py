"""Appeals: the list, and a page of each on which a moderator who has not ruled about the text before decides."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_moderators
from console.background import background, read_more, survey
from console.decisions import deciding_sentences
from console.findings import merged, strongest
from console.highlight import cut
from console.mine import GROUNDS, GROUNDS_OF_REPORTER
from console.reasons import tone
from console.ruling import PLACES, Offer, categories_of, is_hidden, offer, read_reason
from console.submitted import Unread, read_number, told
from console.why import tolerated_in, why_in_words
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
from marketplace.desk.around import Words, spot_of_appeal, spot_of_item
from marketplace.desk.proposing import cases_as_yaml
from marketplace.desk.queue import count_opened_today
from marketplace.desk.reading import ReadText
from marketplace.errors import Refused
from marketplace.flagged_texts import FlaggedText, flagged_texts
from marketplace.moderation.appeals import verdict_on_text
from marketplace.moderation.models import Appeal, AppealState, AppealVerdict, Fate, Ground
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
        "rows": [(appeal, PLACES[appeal.kind], _says(appeal), _categories(appeal)) for appeal in rows[:SHOWN]],
        "state": state,
        "states": AppealState.values,
        "next": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
    })  # fmt: skip


def _categories(appeal: Appeal) -> list[str]:
    return categories_of(appeal.decision.rule, appeal.item.signals if appeal.item else [])


def show(request: HttpRequest, moderator: User, appeal_id: int) -> HttpResponse:
    now = timezone.now()
    appeal = _find(moderator, appeal_id)
    problem, status, opened = "", 200, None
    read: Words = {}
    flagged = flagged_texts([appeal.item])[appeal.item.pk] if appeal.item else None
    spot = spot_of_item(appeal.item, flagged) if appeal.item and flagged else spot_of_appeal(appeal)
    around = survey(appeal, spot, now)
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
            read = read_more(request.POST, moderator, around, now)
        except (Unread, Denied) as error:
            problem, status = told(error)
    context = _context(appeal, moderator, opened, flagged, now) | background(around, read, moderator, now)
    context |= {"problem": problem, "given": request.POST, "asked": "open" in request.POST}
    return render(request, "console/appeal.html", context, status=status)


appeal = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show))


def _find(moderator: User, appeal_id: int) -> Appeal:
    try:
        return access_appeal_of_others(moderator, appeal_id)
    except (Appeal.DoesNotExist, OverflowError):
        raise Http404 from None


def _context(
    appeal: Appeal, moderator: User, opened: ReadText | None, flagged: FlaggedText | None, now: datetime
) -> dict[str, Any]:
    view = view_decision(appeal.decision, facts=None)
    return {
        "appeal": appeal,
        "place": PLACES[appeal.kind],
        "says": _says(appeal),
        "categories": _categories(appeal),
        "is_open": opened is not None,
        "why": why_in_words(appeal.decision, view.version_read),
        "tolerated": tolerated_in(appeal.kind, now=now),
        "view": view,
        "tone": tone(appeal.decision.outcome, view.version_read.outcomes) if view.version_read else "",
        "sentences": deciding_sentences(view.version_read, appeal.decision) if view.version_read else [],
        "foreseen": foresee_appeal_ruling(moderator=moderator, appeal=appeal, now=now),
        "rulings": _offers(appeal, now) if appeal.state == AppealState.OPEN else [],
        "case": cases_as_yaml([appeal]),
        "opened": count_opened_today(moderator, now=now),
        **_text(appeal, opened, flagged),
    }


def _says(appeal: Appeal) -> str:
    """The ground that was chosen; an appeal has no words of its own."""
    grounds = GROUNDS_OF_REPORTER if appeal.report_id else GROUNDS
    if appeal.because == Ground.OTHER:
        return "chose “another reason”. Appeals have no words of their own."
    return f"says: “{grounds.get(appeal.because, appeal.because)}”"


def _text(appeal: Appeal, opened: ReadText | None, flagged: FlaggedText | None) -> dict[str, Any]:
    """Blocked and hard texts are shown once they are opened, others at once."""
    item = appeal.item
    is_shown = opened is not None or (item is not None and not is_hidden(item))
    text = opened.text if opened else flagged.text if flagged and is_shown else ""
    signals = strongest(_signals(appeal))
    return {
        "is_shown": is_shown,
        "is_gone": is_shown and not text,
        "pieces": cut(text, signals) if is_shown else [],
        "found": merged(text, signals),
    }


def _signals(appeal: Appeal) -> list[Signal]:
    """As the queue item keeps them, or else as they were decided about: of these nobody kept where in the text they were."""
    if appeal.item is not None:
        return [Signal(**signal) for signal in appeal.item.signals]
    return [
        Signal(start=0, end=0, version="", rule="", **signal)
        for signal in appeal.decision.facts.get("signals", ())
    ]


def _offers(appeal: Appeal, now: datetime) -> list[Offer]:
    """Each says what becomes of the text."""
    if appeal.report_id is not None:
        words = {
            OVERTURN: ("Breaks a rule: remove it", "From now on only its author and moderators see it."),
            UPHOLD: ("Breaks none: leave it", "It stays where it is."),
        }
    elif appeal.item is None or appeal.item.blocked:
        words = {
            UPHOLD: ("Breaks a rule: it stays blocked", "It stays refused, and the strike stands."),
            OVERTURN: (
                "Breaks none: deliver it",
                "It appears where it was written, and the strike is taken back.",
            ),
        }
    else:
        removed = appeal.item.fate == Fate.REMOVED
        words = {
            UPHOLD: ("Breaks a rule: keep it back", "Only its author and moderators see it."),
            OVERTURN: (
                "Breaks none: restore it" if removed else "Breaks none: deliver it",
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
