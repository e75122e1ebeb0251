"""System checks: the assistant's topics can be read and quote what the policies have, and its responder can be found."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils import timezone
from django.utils.module_loading import import_string

from decisions import BundleUnavailable, bundles
from marketplace.assistant.answers.affairs import POLICIES
from marketplace.assistant.answers.store import TopicsUnavailable, configured
from marketplace.assistant.answers.wording import check_wordings

ADVICE = "COMITY_ASSISTANT_RESPONDER names a class with `respond(context) -> Reply`."


def check_topics(**_: Any) -> list[CheckMessage]:
    """Broken policies are another check's to tell."""
    found = list(configured().problems())
    try:
        bundle, topics = bundles.in_force(), configured().topics()
    except (BundleUnavailable, TopicsUnavailable):
        return [_error(problem.render()) for problem in found]
    found += check_wordings(topics, affairs=POLICIES, bundle=bundle, now=timezone.now())
    return [_error(problem.render()) for problem in found]


def check_responder(**_: Any) -> list[CheckMessage]:
    path = settings.ASSISTANT_RESPONDER
    try:
        answers = callable(getattr(import_string(path), "respond", None))
    except ImportError:
        return [Error(f"The responder `{path}` cannot be imported.", hint=ADVICE, id="assistant.E002")]
    return [] if answers else [Error(f"`{path}` has no `respond`.", hint=ADVICE, id="assistant.E002")]


def _error(text: str) -> CheckMessage:
    return Error(text, id="assistant.E001")
