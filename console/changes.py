"""Changes of the policies: the published bundles, and a page of each where it is approved, put in force and taken back."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_bundle_readers
from console.changed import changed_lines, read_report
from console.fact_form import LOCAL, OFFSETS
from console.submitted import Unread, read_number, told
from console.templatetags.desk import moment
from decisions import Denied
from decisions.texts import TextUnavailable
from engine.claims.difference import NotConfirmed
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing import services, telling
from marketplace.publishing.checking import ChecksBusy, one_at_a_time
from marketplace.publishing.files import BundleRefused
from marketplace.publishing.models import Activation, Publication, Report
from marketplace.publishing.offers import (
    Offers,
    base_of_offers,
    find_offers,
    find_unreviewed,
    offer_to_publish,
)
from marketplace.publishing.people import may_approve
from marketplace.publishing.queries import states_of
from marketplace.publishing.source import follows_bundles, refresh_alarm
from marketplace.publishing.standing import Base

SHOWN: Final = 25
LONGEST_REASON: Final = 1000
STEPS: Final[Mapping[str, str]] = {
    "approve": "approve",
    "reject": "reject",
    "activate": "put in force or schedule",
    "withdraw": "withdraw",
    "roll_back": "roll back",
}


@require_safe
@for_bundle_readers
def changes(request: HttpRequest, user: User) -> HttpResponse:
    """All bundles, newest first, and what waits for a review."""
    known = Publication.objects.select_related("published_by").order_by("-pk")
    if before := request.GET.get("before"):
        known = known.filter(pk__lt=_number(before))
    found = list(known[: SHOWN + 1])
    states = states_of(found[:SHOWN])
    base, broken = base_or_problem()
    return render(request, "console/changes.html", {
        "entries": [(each, states[each.pk]) for each in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if found[SHOWN:] else None,
        "unreviewed": find_unreviewed(base, actor=user, now=timezone.now()),
        "broken": broken,
        "follows": follows_bundles(),
        "publishing": offer_to_publish(base, actor=user, now=timezone.now()) if base else None,
    })  # fmt: skip


def show(request: HttpRequest, user: User, number: int) -> HttpResponse:
    publication = find_publication(number)
    now = timezone.now()
    problem, status = "", 200
    if request.method == "POST":
        try:
            place, said = _act(request.POST, publication, user, now)
        except (Unread, Denied, Refused, ChecksBusy, BundleRefused, NotConfirmed, TextUnavailable) as error:
            problem, status = told(error)
        else:
            messages.success(request, said)
            return redirect("console:changes-one", number=place.pk)
    context = _context(request, user, publication, now) | {"problem": problem}
    return render(request, "console/change.html", context, status=status)


change = require_http_methods(["GET", "HEAD", "POST"])(for_bundle_readers(show))


def _context(request: HttpRequest, user: User, publication: Publication, now: datetime) -> dict[str, Any]:
    base, broken = base_or_problem()
    offers = None if base is None else find_offers(publication, base, actor=user, now=now)
    report = _report(publication, offers)
    changed = None if report is None else read_report(report)
    authors = [author.user for author in publication.authors.select_related("user").order_by("pk")]
    waiting = [
        each
        for each in find_unreviewed(base, actor=user, now=now)
        if each[0].publication_id == publication.pk
    ]
    return {
        "bundle": publication,
        "offers": offers,
        "offered": [action for action, offer in offers.by_action.items() if offer.may] if offers else [],
        "refused": _refused(offers) if offers else {},
        "broken": broken,
        "report": report,
        "is_current": offers is not None and offers.report is not None,
        "change_words": telling.CHANGES[report.change] if report else "",
        "changed": changed,
        "lines": _lines(request, report),
        "authors": authors,
        "can_approve": _can_approve(offers),
        "others": _other_authors(offers, {each.pk for each in authors}),
        "events": telling.told(publication),
        "unreviewed": waiting,
        "offsets": OFFSETS,
        "given": {name: request.POST.get(name, "") for name in ("do", "reason", "at", "offset")},
        "follows": follows_bundles(),
    }


def _refused(offers: Offers) -> dict[str, list[str]]:
    """The steps that the user cannot take, by the reason."""
    refused: dict[str, list[str]] = {}
    for action, offer in offers.by_action.items():
        if not offer.may:
            refused.setdefault(offer.why, []).append(STEPS[action])
    return refused


def _report(publication: Publication, offers: Offers | None) -> Report | None:
    """About the bundle in force, or else the newest one."""
    if offers is not None and offers.report is not None:
        return offers.report
    return publication.reports.select_related("base").order_by("-pk").first()


def _other_authors(offers: Offers | None, own: set[int]) -> list[User]:
    """Those who published since the last approved bundle: they cannot approve this one either."""
    others = set(offers.authors) - own if offers and offers.state == "published" else set()
    return list(User.objects.filter(pk__in=others).order_by("pk")) if others else []


def _can_approve(offers: Offers | None) -> list[str] | None:
    """Whom to ask. None unless the bundle waits for an approval."""
    waits = offers is not None and offers.state == "published" and offers.report is not None
    if not waits or offers is None or offers.needed is None or offers.approvals >= offers.needed:
        return None
    return list(may_approve().exclude(pk__in=offers.authors).values_list("username", flat=True)[:SHOWN])


def _lines(request: HttpRequest, report: Report | None) -> list[tuple[str, list[str]]] | None:
    """The texts line by line, if asked for."""
    if "texts" not in request.GET or report is None or report.base is None:
        return None
    try:
        return changed_lines(report.base, report.publication)
    except TextUnavailable:
        return None


def base_or_problem() -> tuple[Base | None, str]:
    """What decides about changes; without it, why there is nothing."""
    try:
        return base_of_offers(), ""
    except Refused as refused:
        return None, refused.message


def find_publication(number: int | str) -> Publication:
    try:
        return Publication.objects.select_related("published_by").get(pk=_number(str(number)))
    except Publication.DoesNotExist:
        raise Http404 from None


def _number(text: str) -> int:
    number = read_number(text)
    if number is None:
        raise Http404
    return number


def _act(given: QueryDict, publication: Publication, user: User, now: datetime) -> tuple[Publication, str]:
    """Takes the step, and returns where to go and what to say there."""
    act = ACTS.get(given.get("do", ""))
    if act is None:
        raise Unread("Choose one of the buttons below.")
    return act(given, publication, user, now)


def _approve(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    _judge(given, publication, user, now, approves=True)
    return publication, f"You approved bundle {publication.pk}."


def _reject(given: QueryDict, publication: Publication, user: User, now: datetime) -> tuple[Publication, str]:
    if not _reason(given):
        raise Unread("Say why you reject the bundle, so that its authors know what to mend.")
    _judge(given, publication, user, now, approves=False)
    return publication, f"You rejected bundle {publication.pk}."


def _judge(given: QueryDict, publication: Publication, user: User, now: datetime, *, approves: bool) -> None:
    bundle_digest, report_digest = _seen(given)
    services.judge(
        actor=user,
        publication=publication,
        approves=approves,
        bundle_digest=bundle_digest,
        report_digest=report_digest,
        reason=_reason(given),
        now=now,
    )


def _activate(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    services.activate(actor=user, publication=publication, seen=_seen(given), now=now)
    return publication, f"Bundle {publication.pk} is in force."


def _schedule(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    at = _moment(given)
    services.activate(actor=user, publication=publication, at=at, seen=_seen(given), now=now)
    return publication, f"Bundle {publication.pk} takes force on {moment(at)}."


def _roll_back(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    earlier = find_publication(_number(given.get("to", "")))
    services.roll_back(actor=user, publication=earlier, reason=_reason(given), now=now)
    return earlier, f"Bundle {earlier.pk} is in force again."


def _withdraw(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    services.withdraw(actor=user, publication=publication, reason=_reason(given), now=now)
    return publication, f"Bundle {publication.pk} is withdrawn."


def _review(given: QueryDict, publication: Publication, user: User, now: datetime) -> tuple[Publication, str]:
    forced = Activation.objects.filter(
        pk=_number(given.get("activation", "")), publication=publication
    ).first()
    if forced is None:
        raise Http404
    services.review(actor=user, activation=forced, reason=_reason(given), now=now)
    refresh_alarm()
    return publication, f"You reviewed how bundle {publication.pk} was put in force."


def _compare(
    given: QueryDict, publication: Publication, user: User, now: datetime
) -> tuple[Publication, str]:
    with one_at_a_time():
        services.make_report(publication=publication, now=now)
    return publication, f"Bundle {publication.pk} is compared with what is in force."


ACTS: Final[Mapping[str, Callable[[QueryDict, Publication, User, datetime], tuple[Publication, str]]]] = {
    "approve": _approve,
    "reject": _reject,
    "activate": _activate,
    "schedule": _schedule,
    "roll_back": _roll_back,
    "withdraw": _withdraw,
    "review": _review,
    "compare": _compare,
}


def _seen(given: QueryDict) -> tuple[str, str]:
    """The digests of the bundle and the report that the page showed."""
    return given.get("digest", ""), given.get("report_digest", "")


def _reason(given: QueryDict) -> str:
    reason = given.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise Unread(f"A reason has at most {LONGEST_REASON:,} characters.")
    return reason


def _moment(given: QueryDict) -> datetime:
    text, offset = given.get("at", "").strip(), given.get("offset", "")
    try:
        if LOCAL.fullmatch(text) and offset in OFFSETS:
            return datetime.fromisoformat(f"{text}{offset}")
    except ValueError:
        pass
    raise Unread("Choose the day, the time and the time zone at which the bundle takes force.")
