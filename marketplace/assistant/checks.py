"""System check: the assistant's topics can be read, and quote only what the policies in force have."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.utils import timezone

from decisions import BundleUnavailable, bundles
from marketplace.assistant.answers.affairs import POLICIES
from marketplace.assistant.answers.store import TopicsUnavailable, configured
from marketplace.assistant.answers.wording import check_wordings


def check_topics(**_: Any) -> list[CheckMessage]:
    """Broken policies are another check's to tell."""
    found = list(configured().problems())
    try:
        bundle, topics = bundles.in_force(), configured().topics()
    except (BundleUnavailable, TopicsUnavailable):
        return [_error(problem.render()) for problem in found]
    found += check_wordings(topics, affairs=POLICIES, bundle=bundle, now=timezone.now())
    return [_error(problem.render()) for problem in found]


def _error(text: str) -> CheckMessage:
    return Error(text, id="assistant.E001")
