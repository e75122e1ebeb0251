"""What became of one's own texts, reports and appeals, for everybody: statements of reasons, and forms to appeal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_everybody
from console.ruling import PLACES
from console.submitted import Unread, read_number, told
from decisions import Denied
from decisions.models import DecisionRecord
from engine import Decision
from marketplace.accounts.models import User
from marketplace.desk.appealing import (
    appeal_decision,
    appeal_report,
    foresee_appeal,
    foresee_appeal_of_report,
)
from marketplace.desk.own import (
    access_own_report,
    own_appeal_about,
    own_appeals,
    own_reports,
    own_texts,
)
from marketplace.desk.statements import Restriction, Statement, read_statement
from marketplace.errors import Refused
from marketplace.moderation.models import Appeal, Ground, Report
from marketplace.moderation.services import POLICY as PROFILES
from marketplace.moderation.strikes import POLICY as STRIKES

LISTS: Final[Mapping[str, str]] = {"texts": "Texts", "reports": "Reports", "appeals": "Appeals"}
GROUNDS: Final[Mapping[str, str]] = {
    Ground.MISREAD: "It was misread: I mean something else.",
    Ground.QUOTATION: "I quote or report somebody else's words.",
    Ground.JOKE: "It was a joke.",
    Ground.HARMLESS: "It harms nobody.",
    Ground.OTHER: "Another reason.",
}
"""Why an author appeals, in their words."""
GROUNDS_OF_REPORTER: Final[Mapping[str, str]] = {
    Ground.HARMFUL: "The text harms somebody.",
    Ground.MISREAD: "The text was misread: it means something worse.",
    Ground.OTHER: "Another reason.",
}
HEADINGS: Final[Mapping[Restriction, str]] = {
    "refusal": "What you asked for was refused",
    "hold": "Your text is held back",
    "removal": "Your text was removed",
    "lock": "The chat is locked",
    "rejected_appeal": "Your appeal was rejected",
}
REFUSED_TEXT: Final = "Your text was not sent"
LASTS: Final[Mapping[Restriction, str]] = {
    "refusal": "This once: you can try again with another text, or at another time.",
    "hold": "Until a moderator has read it.",
    "removal": "For good, unless an appeal changes it.",
    "lock": "For good.",
    "rejected_appeal": "For good.",
}
ABOUT: Final[Mapping[str, str]] = {
    "chat": ", in a chat",
    "product": ", about a product or its review",
    "order": ", about a sale",
    "dispute": ", in a dispute",
    "assistant": ", in a conversation with the assistant",
}
PROMPTED: Final = {
    "own_initiative": "The marketplace's own checks.",
    "report": "Somebody reported the text.",
    "request": "Your own request.",
}


@require_safe
@for_everybody
def mine(request: HttpRequest, user: User) -> HttpResponse:
    """One of the three lists, the newest entries first."""
    given = request.GET.get("show", "")
    shown = given if given in LISTS else "texts"
    before = read_number(request.GET.get("before", ""))
    page: Any
    if shown == "texts":
        page = own_texts(user, now=timezone.now(), before=before)
        rows = [(each, PLACES[each.kind]) for each in page.entries]
    elif shown == "reports":
        page = own_reports(user, before=before)
        rows = [(each, PLACES[each.report.kind]) for each in page.entries]
    else:
        page = own_appeals(user, before=before)
        rows = [(each, PLACES[each.appeal.kind]) for each in page.entries]
    context = {"rows": rows, "shown": shown, "lists": LISTS.items(), "next": page.before}
    return render(request, "console/mine.html", context)


def show_statement(request: HttpRequest, user: User, decision_id: int) -> HttpResponse:
    now = timezone.now()
    try:
        statement = read_statement(reader=user, decision_id=decision_id)
    except DecisionRecord.DoesNotExist:
        raise Http404 from None

    def make(ground: Ground) -> Appeal:
        return appeal_decision(appellant=user, decision_id=decision_id, because=ground, now=now)

    problem, status = "", 200
    if request.method == "POST":
        try:
            problem, status = _appeal(request, GROUNDS, make)
        except DecisionRecord.DoesNotExist:
            raise Http404 from None
        if not problem:
            return redirect("console:mine-statement", decision_id=decision_id)
    appeal = own_appeal_about(user, decision_id)
    context = _words(statement) | {"statement": statement, "problem": problem, "appeal": appeal}
    if appeal is None:
        try:
            foreseen = foresee_appeal(appellant=user, decision_id=decision_id, now=now)
        except DecisionRecord.DoesNotExist:  # another appeal has changed the ruling since
            foreseen = None
        context |= _offer(foreseen, GROUNDS, request.POST)
    return render(request, "console/mine_statement.html", context, status=status)


mine_statement = require_http_methods(["GET", "HEAD", "POST"])(for_everybody(show_statement))


def show_report(request: HttpRequest, user: User, report_id: int) -> HttpResponse:
    now = timezone.now()
    try:
        access_own_report(user, report_id)
    except Report.DoesNotExist:
        raise Http404 from None

    def make(ground: Ground) -> Appeal:
        return appeal_report(appellant=user, report_id=report_id, because=ground, now=now)

    problem, status = "", 200
    if request.method == "POST":
        problem, status = _appeal(request, GROUNDS_OF_REPORTER, make)
        if not problem:
            return redirect("console:mine-report", report_id=report_id)
    own = access_own_report(user, report_id)
    context = {"own": own, "place": PLACES[own.report.kind], "problem": problem, "appeal": own.appeal}
    if own.appeal is None and own.state == "left":
        foreseen = foresee_appeal_of_report(appellant=user, report_id=report_id, now=now)
        context |= _offer(foreseen, GROUNDS_OF_REPORTER, request.POST)
    return render(request, "console/mine_report.html", context, status=status)


mine_report = require_http_methods(["GET", "HEAD", "POST"])(for_everybody(show_report))


def _appeal(
    request: HttpRequest, grounds: Mapping[str, str], make: Callable[[Ground], Appeal]
) -> tuple[str, int]:
    """What went wrong, and the status; nothing if the appeal was made."""
    because = request.POST.get("because", "")
    try:
        if because not in grounds:
            raise Unread("Choose why you appeal.")
        make(Ground(because))
    except (Unread, Denied, Refused) as error:
        return told(error)
    messages.success(
        request, "You have appealed. A moderator who has not decided about this before will look at it."
    )
    return "", 200


def _offer(foreseen: Decision | None, grounds: Mapping[str, str], given: QueryDict) -> dict[str, Any]:
    until: datetime | None = foreseen.outputs.get("appeal_until") if foreseen and foreseen.permits else None
    return {"foreseen": foreseen, "until": until, "grounds": grounds.items(), "given": given}


def _words(statement: Statement) -> dict[str, str]:
    is_text = statement.ground.policy in {PROFILES, STRIKES}
    refused_text = statement.restriction == "refusal" and is_text
    return {
        "heading": REFUSED_TEXT if refused_text else HEADINGS[statement.restriction],
        "about": ABOUT.get(statement.subject_kind, ""),
        "lasts": LASTS[statement.restriction],
        "prompted": PROMPTED[statement.prompted_by],
    }
