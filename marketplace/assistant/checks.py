"""System checks: the topics load and match the policies, and the responder can be imported."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from marketplace.assistant.answers.store import configured

ADVICE = "Set COMITY_ASSISTANT_RESPONDER to a class with `respond(context) -> Reply`."


def check_topics(**_: Any) -> list[CheckMessage]:
    """Broken policies are reported by another check."""
    return [Error(problem.render(), id="assistant.E001") for problem in configured().problems()]


def check_responder(**_: Any) -> list[CheckMessage]:
    path = settings.ASSISTANT_RESPONDER
    try:
        answers = callable(getattr(import_string(path), "respond", None))
    except ImportError:
        return [Error(f"The responder `{path}` cannot be imported.", hint=ADVICE, id="assistant.E002")]
    return [] if answers else [Error(f"`{path}` has no `respond`.", hint=ADVICE, id="assistant.E002")]
