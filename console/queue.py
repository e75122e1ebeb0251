"""The moderators' queue: the list, and a page of each item where it is claimed, read and ruled on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.access import for_moderators
from console.background import background, read_more, survey
from console.decisions import deciding_sentences
from console.findings import merged, strongest
from console.highlight import cut
from console.reasons import tone
from console.ruling import (
    PLACES,
    Offer,
    categories,
    is_hidden,
    offer,
    read_reason,
    verdict_in_words,
    what_became,
)
from console.submitted import Unread, read_number, told
from console.waiting import count_open_texts
from console.why import today, tolerated_in, why_in_words
from decisions import Denied, foresee
from decisions.reading import view_decision
from detectors.signal import CATEGORIES, Findings, Signal
from engine import Decision
from marketplace.accounts.models import User
from marketplace.desk.appealed import appeals_for
from marketplace.desk.around import Words, spot_of_item
from marketplace.desk.queue import (
    Wanted,
    access_item_of_others,
    claim_next,
    count_opened_today,
    find_items,
    held_by,
    open_text,
    rule_on,
    words_of_own_claim,
)
from marketplace.errors import Refused
from marketplace.flagged_texts import FlaggedText, flagged_texts
from marketplace.moderation.facts import Action, Mode, queue_facts
from marketplace.moderation.models import (
    REPORTED,
    Appeal,
    AppealState,
    Fate,
    QueueItem,
    State,
    Strike,
    Verdict,
)
from marketplace.moderation.preview import preview
from marketplace.moderation.queries import alike_rulings, ruling_reasons
from marketplace.moderation.reviewing import claim_item, release_item

MODES: Final[tuple[Mode, ...]] = ("normal", "dispute")
EFFECTS: Final[Mapping[str, Mapping[Verdict, tuple[str, str]]]] = {
    "blocked": {
        Verdict.UPHOLD: ("Breaks a rule: it stays blocked", "It stays refused, and the strike stands."),
        Verdict.OVERTURN: (
            "Breaks none: take the strike back",
            "The text itself is delivered only if its author appeals.",
        ),
    },
    Fate.HELD: {
        Verdict.UPHOLD: ("Breaks a rule: keep it back", "Only its author and moderators ever see it."),
        Verdict.OVERTURN: ("Breaks none: deliver it", "It appears where it was written."),
    },
    Fate.DELIVERED: {
        Verdict.UPHOLD: ("Breaks a rule: remove it", "From now on only its author and moderators see it."),
        Verdict.OVERTURN: ("Breaks none: leave it", "It stays where it is."),
    },
}
"""What a button says and what the verdict does, by what has become of the text so far."""


@dataclass(frozen=True, slots=True)
class Row:
    """`excerpt` is empty where the text is opened on its own page only, or gone."""

    item: QueueItem
    categories: list[str]
    place: str
    excerpt: str


def show_list(request: HttpRequest, moderator: User) -> HttpResponse:
    now = timezone.now()
    wanted = _wanted(request.GET)
    if request.method == "POST":
        return _take_next(request, moderator, wanted, now)
    page = find_items(moderator, wanted)
    held = [] if wanted.after else list(held_by(moderator))
    rows = _rows([*held, *page.items])
    return render(request, "console/queue.html", {
        "held": rows[: len(held)],
        "rows": rows[len(held) :],
        "next": _with(request.GET, after=page.next) if page.next else "",
        "query": _with(request.GET, after=None),
        "wanted": wanted,
        "narrowed": any(request.GET.get(name) for name in ("state", "category", "place")),
        "states": State.values,
        "categories": CATEGORIES,
        "places": PLACES.items(),
        "waiting": count_open_texts(moderator),
        "appeals": appeals_for(moderator, AppealState.OPEN).count(),
        "opened": count_opened_today(moderator, now=now),
    })  # fmt: skip


queue = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show_list))


def _take_next(request: HttpRequest, moderator: User, wanted: Wanted, now: datetime) -> HttpResponse:
    try:
        item = claim_next(moderator=moderator, wanted=wanted, now=now)
    except Denied as denied:
        messages.error(request, denied.decision.message)
        item = None
    else:
        if item is None:
            messages.info(request, "Nothing of this kind waits for you, besides what you gave back.")
    query = _with(request.GET, after=None)
    if item is None:
        return redirect(f"{reverse('console:queue')}?{query}")
    return redirect(f"{reverse('console:queue-one', args=[item.pk])}?{query}")


def _wanted(given: QueryDict) -> Wanted:
    """What the address does not say, or says wrongly, is not narrowed."""
    state, category, kind, after = (given.get(name, "") for name in ("state", "category", "place", "after"))
    is_place = read_number(after.rpartition("-")[2]) is not None
    return Wanted(
        State(state) if state in State.values else State.OPEN,
        category if category in CATEGORIES else "",
        kind if kind in PLACES else "",
        after if is_place else "",
    )


def _with(given: QueryDict, *, after: str | None) -> str:
    query = given.copy()
    query.pop("after", None)
    if after is not None:
        query["after"] = after
    return query.urlencode()


def _rows(items: Sequence[QueueItem]) -> list[Row]:
    shown = flagged_texts([item for item in items if not is_hidden(item)])
    return [
        Row(item, categories(item), PLACES[item.kind], shown[item.pk].text if item.pk in shown else "")
        for item in items
    ]


def show_item(request: HttpRequest, moderator: User, item_id: int) -> HttpResponse:
    now = timezone.now()
    item = _find(moderator, item_id)
    problem, status, opened = "", 200, None
    read: Words = {}
    flagged = flagged_texts([item])[item.pk]
    around = survey(item, spot_of_item(item, flagged), now)
    if request.method == "POST":
        try:
            if step := STEPS.get(request.POST.get("do", "")):
                messages.success(request, step(request.POST, moderator, item, now))
                if not _goes_on_reading(request.POST):
                    return _after(request, item)
        except (Unread, Denied, Refused) as error:
            problem, status = told(error)
        item = _find(moderator, item_id)
        try:
            if "open" in request.POST:
                opened = open_text(moderator=moderator, item=item, flagged=flagged, now=now)
            read = read_more(request.POST, moderator, around, now)
        except (Unread, Denied) as error:
            problem, status = told(error)
    words = (
        opened.text
        if opened
        else words_of_own_claim(moderator=moderator, item=item, flagged=flagged, now=now)
    )
    context = _context(item, moderator, now, flagged, words) | background(around, read, moderator, now)
    context |= {"problem": problem, "query": request.GET.urlencode(), "given": request.POST}
    context |= {"is_open": opened is not None}
    return render(request, "console/queue_item.html", context, status=status)


queue_item = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show_item))


def _goes_on_reading(given: QueryDict) -> bool:
    """Whoever claims a text that they have opened is not asked to open it again."""
    return given.get("do") == "claim" and "open" in given


def _after(request: HttpRequest, item: QueueItem) -> HttpResponse:
    """A claimed item is worked on; else the list has the next one."""
    is_claim = request.POST["do"] == "claim"
    place = reverse("console:queue-one", args=[item.pk]) if is_claim else reverse("console:queue")
    return redirect(f"{place}?{request.GET.urlencode()}")


def _find(moderator: User, item_id: int) -> QueueItem:
    try:
        return access_item_of_others(moderator, item_id)
    except (QueueItem.DoesNotExist, OverflowError):
        raise Http404 from None


def _context(
    item: QueueItem, moderator: User, now: datetime, flagged: FlaggedText, words: str | None
) -> dict[str, Any]:
    """`words` are those of a hidden text that was opened."""
    signals = [Signal(**signal) for signal in item.signals]
    is_shown = words is not None or not is_hidden(item)
    text = words if words is not None else "" if is_hidden(item) else flagged.text
    shown = strongest(signals)
    view = view_decision(item.decision, facts=None)
    appeals = [each for each in item.appeals.order_by("pk") if moderator.pk not in _parties(each)]
    return {
        "item": item,
        "place": PLACES[item.kind],
        "categories": categories(item),
        "is_gone": flagged.subject_id is None or (is_shown and not text),
        "is_shown": is_shown,
        "pieces": cut(text, shown) if is_shown else [],
        "found": merged(text, shown),
        "is_reported": item.flagged_for == REPORTED,
        "why": why_in_words(item.decision, view.version_read),
        "repeated": _repeated(item),
        "tolerated": tolerated_in(item.kind, now=now),
        "view": view,
        "tone": tone(item.decision.outcome, view.version_read.outcomes) if view.version_read else "",
        "sentences": deciding_sentences(view.version_read, item.decision) if view.version_read else [],
        "today": today(_modes(item, signals, moderator, now)),
        "alike": alike_rulings(item),
        "opened": count_opened_today(moderator, now=now),
        "reports": dict(Counter(item.reports.values_list("because", flat=True))),
        "appeals": appeals,
        "is_appealed": any(each.state == AppealState.OPEN for each in appeals),
        "offers": _offers(item, moderator, now),
        "rulings": _rulings(item, now),
    }


def _repeated(item: QueueItem) -> str:
    """Why one of several refused texts is in the queue, and the others are not."""
    if not item.blocked:
        return ""
    count = Strike.objects.filter(author=item.author_id, at__lte=item.created_at).count()
    return (
        f"It is in the queue because {count} texts of this person had been refused by then. One of them at a time waits for a "
        "person; the others are listed as strikes."
    )


def _parties(appeal: Appeal) -> set[int]:
    return {appeal.author_id, appeal.appellant_id}


def _modes(
    item: QueueItem, signals: Sequence[Signal], moderator: User, now: datetime
) -> dict[Mode, Decision]:
    """By the policies in force, from what was found then."""
    unavailable = item.decision.facts.get("unavailable") or ()
    findings = Findings(item.language, tuple(signals), tuple(unavailable))  # type: ignore[arg-type]
    return preview(findings, modes=MODES, moderator=moderator, now=now, explain=False)


def _offers(item: QueueItem, moderator: User, now: datetime) -> dict[str, Decision]:
    """What the policy would say to each step. It decides again, on record, when the step is taken."""
    if item.state == State.RESOLVED:
        return {}
    steps: tuple[Action, ...] = get_args(Action)
    return {
        step: foresee("moderation_queue", queue_facts(step, moderator=moderator, item=item), now=now)
        for step in steps
    }


def _rulings(item: QueueItem, now: datetime) -> list[Offer]:
    if item.state == State.RESOLVED:
        return []
    effects = EFFECTS["blocked" if item.blocked else item.fate]
    reasons = ruling_reasons(now=now)
    return [offer(verdict, verdict, button, effect, reasons) for verdict, (button, effect) in effects.items()]


def _claim(given: QueryDict, moderator: User, item: QueueItem, now: datetime) -> str:
    claim_item(moderator=moderator, item_id=item.pk, now=now)
    return "This item is yours now. Nobody else can rule on it."


def _release(given: QueryDict, moderator: User, item: QueueItem, now: datetime) -> str:
    release_item(moderator=moderator, item_id=item.pk, now=now)
    return f"Item {item.pk} is back in the queue."


def _rule(given: QueryDict, moderator: User, item: QueueItem, now: datetime) -> str:
    verdict = Verdict(given.get("do", ""))
    because, note = read_reason(given)
    ruled = rule_on(
        moderator=moderator, item_id=item.pk, verdict=verdict, because=because, note=note, now=now
    )
    return f"Item {item.pk} {verdict_in_words(verdict)}: {what_became(ruled)}."


STEPS: Final[Mapping[str, Callable[[QueryDict, User, QueueItem, datetime], str]]] = {
    "claim": _claim,
    "release": _release,
    "uphold": _rule,
    "overturn": _rule,
}
