"""What people submit: numbers in an address, and what went wrong, in words."""

from typing import Final

from django.utils.text import capfirst

from decisions import Denied
from marketplace.errors import Refused
from marketplace.publishing.checking import ChecksBusy
from marketplace.publishing.files import BundleRefused

DIGITS: Final = 18
"""The longest number that every database takes as a key."""


class Unread(Exception):
    """What was submitted cannot be read. The text says what to do."""


def read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def told(error: Exception) -> tuple[str, int]:
    """What went wrong, for people, and the status of the response."""
    match error:
        case Denied(decision=decision):
            return decision.message or decision.reason, 409 if decision.status == "conflict" else 403
        case Refused(message=message):
            return message, 409
        case ChecksBusy():
            return "Another bundle is being checked. Please try again in a moment.", 503
        case BundleRefused(problems=problems):
            return f"The bundle no longer passes its checks: {problems[0].in_one_line()}.", 409
        case Unread():
            return str(error), 422
    return f"{capfirst(str(error))}.", 409
