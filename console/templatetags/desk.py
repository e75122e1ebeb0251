"""The navigation, and how pages write moments."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from console.access import READERS, reads_bundles, reads_desk
from console.board import written
from console.reasons import said
from console.ruling import verdict_in_words, what_became
from marketplace.accounts.models import User
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.thresholds import Counts

register = template.Library()
register.filter("said", said)
register.filter("written", written)
register.filter("verdict", verdict_in_words)
register.filter("became", what_became)


class Place(NamedTuple):
    title: str
    url: str
    is_here: bool


@register.inclusion_tag("console/_places.html", takes_context=True)
def places(context: dict[str, Any]) -> dict[str, list[Place]]:
    """The pages that the user may see."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return {"places": []}
    match = request.resolver_match
    here = (match.url_name or "").partition("-")[0] if match else ""
    return {
        "places": [Place(title, reverse(f"console:{name}"), name == here) for name, title in _names(user)]
    }


def _names(user: User) -> list[tuple[str, str]]:
    """In the order of a day's work: moderators begin with the queue."""
    reads = reads_desk(user)
    names = (
        [("queue", "Queue"), ("appeals", "Appeals"), ("moderation", "Try a text")] if user.moderates else []
    )
    if user.role in READERS:
        names += [("profiles", "Profiles"), ("rules", "Rules and detectors")]
    if reads:
        names += [("home", "Home"), ("policies", "Policies")]
    if reads_bundles(user):
        names += [("changes", "Changes")]
    if reads:
        names += [("decisions", "Decisions"), ("try", "Try facts")]
    else:
        names += [("mine", "Your texts")]
    return names


@register.filter
def sees_changes(user: object) -> bool:
    return isinstance(user, User) and reads_bundles(user)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment to the minute, in UTC as in the policies."""
    if value is None:
        return ""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@register.filter
def ago(value: datetime) -> str:
    """How long something has waited, in one unit."""
    since = timesince(value, depth=1)
    return "just now" if since.startswith("0") else f"{since} ago"


@register.filter
def piece_kind(piece: object) -> str:
    """`name`, `given`, `note`, or `str` for plain words."""
    return type(piece).__name__.lower()


@register.filter
def spaced(name: object) -> str:
    """A name without its underscores."""
    return str(name).replace("_", " ")


@register.filter
def as_words(claim: str) -> str:
    """A claim without its hyphens."""
    return claim.replace("-", " ")


@register.filter
def entry(name: str) -> str:
    """A rule, or one of its rows: `blocked[normal/self_harm]` is blocked (normal, self harm)."""
    rule, _, row = spaced(name).partition("[")
    return f"{rule} ({row.removesuffix(']').replace('/', ', ')})" if row else rule


@register.filter
def under(found: Mapping[str, Any], name: str) -> Any:
    """What a mapping has under a name."""
    return found.get(name) if found else None


@register.filter
def quoted(text: str) -> SafeString:
    """What stands in backticks, as emphasis."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return format_html("{}", text)
    return format_html_join(
        "", "{}{}", ((_emphasis(part) if n % 2 else part, "") for n, part in enumerate(parts))
    )


def _emphasis(name: str) -> SafeString:
    return format_html("<b>{}</b>", name)


@register.filter
def cut_moment(written: str) -> str:
    """A moment that a policy writes, to the minute."""
    return moment(datetime.fromisoformat(written))


@register.filter
def reason(code: str) -> str:
    """The reason of a fail-safe answer: `missing-fact:closed_at` is the missing fact closed at."""
    kind, _, fact = code.partition("-fact:")
    return f"{kind.replace('-', ' ')} fact: {fact.replace('_', ' ')}" if fact else code


@register.filter
def split(words: str) -> list[str]:
    """What commas separate."""
    return words.split(",")


@register.filter
def percent(ratio: Ratio) -> str:
    """A share, and its interval in parentheses."""
    if ratio.share is None:
        return "none"
    low, high = ratio.interval
    return f"{100 * ratio.share:.1f}% ({100 * low:.0f}–{100 * high:.0f})"


@register.filter
def hours(counts: Counts, minutes: float) -> str:
    """The time of reviewers."""
    return f"{counts.hours(minutes):.1f}"


@register.filter
def percentage(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}%"
