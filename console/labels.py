"""Moderators label texts of a blind sample, one after the other. What was decided about a text is not shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.access import for_moderators
from console.submitted import Unread, read_number, told
from decisions import Denied
from detectors.signal import CATEGORIES
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.tuning.labelling import label_sample, next_to_label, skip_sample, to_label
from marketplace.tuning.models import Label, SampleText
from marketplace.tuning.sets import read_sample

PAGE: Final = "console:queue-label"
MEANINGS: Final[Mapping[str, str]] = {
    "threat": "It says that somebody will be harmed, or what happens unless they do something.",
    "abuse": "It degrades or harasses a person.",
    "hate": "It attacks people for what they are.",
    "violence": "It calls for violence, or enjoys it.",
    "sexual": "It is sexual, and nobody asked for it.",
    "self_harm": "Its author speaks of harming themselves.",
    "insult": "It calls somebody names.",
    "profanity": "It has swear words.",
    "spam": "It advertises, or leads off the marketplace.",
}


def show_next(request: HttpRequest, moderator: User) -> HttpResponse:
    """The same text again after a mistake, and otherwise the next."""
    now = timezone.now()
    problem, status, text = "", 200, None
    number = _waiting(request.POST, moderator)
    if request.method == "POST":
        try:
            if number is None:
                raise Unread("This text waits for no label of yours any more. Here is the next one.")
            if request.POST.get("do") == "label":
                messages.success(request, _label(request.POST, moderator, number, now))
                return redirect(PAGE)
        except (Unread, Denied, Refused) as error:
            problem, status = told(error)
    if number is not None:
        try:
            text = read_sample(moderator=moderator, number=number, now=now)
        except Denied as denied:
            problem, status = told(denied)
        else:
            if text is None:
                skip_sample(number)
                messages.info(request, "That text is gone. Here is the next one.")
                return redirect(PAGE)
    number = number or next_to_label(moderator)
    return render(request, "console/labels.html", {
        "sample": SampleText.objects.filter(pk=number).first() if number else None,
        "text": text,
        "problem": problem,
        "waiting": to_label(moderator).count(),
        "meanings": [(name, MEANINGS[name], name in request.POST.getlist("category")) for name in CATEGORIES],
    }, status=status)  # fmt: skip


labels = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show_next))


def _waiting(given: QueryDict, moderator: User) -> int | None:
    number = read_number(given.get("sample", ""))
    if number is None:
        return None
    return to_label(moderator).filter(pk=number).values_list("pk", flat=True).first()


def _label(given: QueryDict, moderator: User, number: int, now: datetime) -> str:
    chosen, harmless = given.getlist("category"), "harmless" in given
    if not set(chosen) <= set(CATEGORIES):
        raise Unread("Choose among the categories of the list.")
    if harmless == bool(chosen):
        raise Unread("Choose what it is, or say that it is harmless: one of the two.")
    try:
        given_label = label_sample(moderator=moderator, number=number, categories=chosen, now=now)
    except SampleText.DoesNotExist:
        raise Unread("This text waits for no label of yours any more. Here is the next one.") from None
    return _said(given_label)


def _said(given: Label) -> str:
    what = ", ".join(given.categories).replace("_", " ") or "harmless"
    counted = "" if given.counts else " It is compared with the first label, and changes nothing."
    return f"Labelled: {what}.{counted}"
