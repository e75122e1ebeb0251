"""What the pages of an item and of an appeal show beside a text: who is who, what stands around it, and its author's past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from django.db.models import Count, Q
from django.http import QueryDict

from console.submitted import Unread, read_number
from marketplace.accounts.models import User
from marketplace.desk.around import (
    Around,
    Neighbor,
    Spot,
    Words,
    read_around,
    read_sealed,
    strikes_of,
    texts_around,
)
from marketplace.flagged_texts import roles_around
from marketplace.moderation.facts import ReadingFor
from marketplace.moderation.models import Appeal, QueueItem, Verdict
from marketplace.moderation.queries import reading_reasons, rulings_on

RULINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`roles` says who is the buyer and who the seller."""

    author_id: int
    item_id: int | None
    roles: Mapping[int, str]
    nearby: Around


@dataclass(frozen=True, slots=True)
class Shown:
    """A text around the one that is judged; `words` only if it was just read."""

    text: Neighbor
    who: str
    words: str | None


def survey(matter: QueueItem | Appeal, spot: Spot, now: datetime) -> Surroundings:
    roles = roles_around(matter)
    return Surroundings(spot.author_id, spot.item_id, roles, texts_around(spot, roles, now=now))


def read_more(given: QueryDict, moderator: User, around: Surroundings, now: datetime) -> Words:
    """What the form asks for: texts that nobody flagged, for a reason, or one that was refused. Raises Unread or Denied."""
    match given.get("do"):
        case "around":
            reason = given.get("reading_for", "")
            if reason not in get_args(ReadingFor):
                raise Unread("Choose why you need to read the texts around this one.")
            return read_around(
                moderator=moderator, neighbors=around.nearby.neighbors, reading_for=reason, now=now  # type: ignore[arg-type]
            )  # fmt: skip
        case "sealed":
            words = read_sealed(moderator=moderator, text_id=read_number(given.get("text", "")) or 0, now=now)
            if not words:
                raise Unread("This text is no longer kept.")
            return words
    return {}


def background(around: Surroundings, words: Words, moderator: User, now: datetime) -> dict[str, Any]:
    nearby, author_id = around.nearby, around.author_id
    history = rulings_on(author_id)
    if around.item_id is not None:
        history = history.exclude(pk=around.item_id)

    def shown(texts: Iterable[Neighbor]) -> list[Shown]:
        return [Shown(each, _who(each, around, moderator), words.get((each.kind, each.id))) for each in texts]

    return {
        "author_id": author_id,
        "role": around.roles.get(author_id, ""),
        "written_at": nearby.at,
        "before": shown(nearby.before),
        "after": shown(nearby.after),
        "chat": shown(nearby.chat),
        "readable": any(each.needs_reason and each.author_id != moderator.pk for each in nearby.neighbors),
        "was_read": any(kind != "blocked_text" for kind, _ in words),
        "reading_reasons": reading_reasons(now=now),
        "earlier": list(history[:RULINGS]),
        "counts": history.aggregate(all=Count("pk"), upheld=Count("pk", filter=Q(verdict=Verdict.UPHOLD))),
        "strikes": [
            (each, words.get(("blocked_text", each.sealed_id or 0)))
            for each in strikes_of(author_id, now=now)
        ],
    }


def _who(text: Neighbor, around: Surroundings, moderator: User) -> str:
    if text.author_id == moderator.pk:
        return "you"
    role = around.roles.get(text.author_id)
    who = "the same author" if text.author_id == around.author_id else f"person {text.author_id}"
    return f"{who}, the {role}" if role else who
