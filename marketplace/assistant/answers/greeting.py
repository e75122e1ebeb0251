"""The assistant's first message."""

from datetime import datetime

from decisions import bundles
from marketplace.assistant.answers.reply import Reply
from marketplace.assistant.answers.store import configured
from marketplace.assistant.answers.wording import fill


def greet(*, now: datetime) -> Reply:
    """Raises TopicsUnavailable."""
    greeting = configured().topics().greeting
    return Reply(fill(greeting.text, bundle=bundles.current(), now=now), "greeting", None, greeting.next)
