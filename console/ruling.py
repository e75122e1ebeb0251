"""What the pages of the queue and of appeals share: places, categories, and forms with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from console.submitted import Unread
from marketplace.moderation.models import Kind, QueueItem, Verdict
from marketplace.moderation.queries import RulingReason
from marketplace.moderation.strikes import category_of_rule

PLACES: Final[Mapping[str, str]] = {
    Kind.CHAT_MESSAGE: "chat",
    Kind.REVIEW: "review",
    Kind.DISPUTE_MESSAGE: "dispute",
    Kind.ASSISTANT_MESSAGE: "assistant",
}
CATEGORIES_SHOWN: Final = 3
LONGEST_NOTE: Final = 1000


@dataclass(frozen=True, slots=True)
class Offer:
    """One of two verdicts as a form. `about_text` is what it says about the text, which the listed reasons are for."""

    verdict: str
    about_text: Verdict
    button: str
    effect: str
    reasons: Sequence[RulingReason]


def offer(
    verdict: str, about_text: Verdict, button: str, effect: str, reasons: Sequence[RulingReason]
) -> Offer:
    listed = [each for each in reasons if each.verdict == about_text]
    return Offer(verdict, about_text, button, effect, listed)


def read_reason(given: QueryDict) -> tuple[str, str]:
    """The code of a listed reason and a note; one of them is not empty."""
    because, note = given.get("because", ""), given.get("note", "").strip()
    if not because and not note:
        raise Unread("Choose a reason.")
    if "\0" in because + note:
        raise Unread("A reason has a character that cannot be stored.")
    if len(note) > LONGEST_NOTE:
        raise Unread(f"A note has at most {LONGEST_NOTE:,} characters.")
    return because, note


def verdict_in_words(verdict: str) -> str:
    """What a verdict says about the text."""
    return "breaks a rule" if verdict == Verdict.UPHOLD else "breaks none"


def what_became(item: QueueItem) -> str:
    """Of the text, in the words of the buttons."""
    if item.standing == Verdict.UPHOLD:
        return "stays blocked" if item.blocked else "kept back" if item.held else "removed"
    if item.standing == Verdict.OVERTURN:
        return "strike taken back" if item.blocked else "delivered" if item.held else "left"
    return "blocked" if item.blocked else str(item.fate)


def is_hidden(item: QueueItem) -> bool:
    """Hard content is shown on request only, and that request is recorded."""
    return item.urgent or item.blocked


def categories(item: QueueItem) -> list[str]:
    """What it was judged by, or else what was found, the strongest first."""
    return categories_of(item.decision.rule, item.signals)


def categories_of(rule: str, signals: Sequence[Mapping[str, Any]]) -> list[str]:
    if judged := category_of_rule(rule):
        return [judged]
    signals = sorted(signals, key=lambda signal: -signal["score"])
    return list(dict.fromkeys(signal["category"] for signal in signals))[:CATEGORIES_SHOWN]
