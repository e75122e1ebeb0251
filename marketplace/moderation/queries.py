"""The queue for moderators, and the moderation status shown to readers of a text."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from engine import Decision
from marketplace.moderation.models import Fate, QueueItem, Verdict


@dataclass(frozen=True, slots=True)
class ModerationStatus:
    """The moderation status of a text as its reader sees it. Only the author gets the reason and the message."""

    state: Fate
    reason: str | None = None
    message: str | None = None
    support: str | None = None


def moderation_status(item: QueueItem | None, *, own: bool) -> ModerationStatus:
    """The policy's message is shown until a moderator has ruled; then only the reason for a removal is."""
    if item is None or not own:
        return ModerationStatus(item.fate if item else Fate.DELIVERED)
    reason = None if item.verdict == Verdict.OVERTURN else item.flagged_for
    return ModerationStatus(
        item.fate, reason, None if item.verdict else item.message_shown, item.support or None
    )


def delivered() -> Q:
    """Of rows with a `queue_item`, those visible to others than the author: `QueueItem.fate` in SQL."""
    never_flagged = Q(queue_item=None)
    let_through = Q(queue_item__held=False, queue_item__verdict="")
    return never_flagged | let_through | Q(queue_item__verdict=Verdict.OVERTURN)


def support_of(decision: Decision) -> str | None:
    """The policy's support text, if it wants one shown, whatever the outcome."""
    return decision.outputs.get("support") if "show_support" in decision.obligations else None


def queue(state: str | None = None) -> QuerySet[QueueItem]:
    items = QueueItem.objects.select_related("decision")
    return items.filter(state=state) if state else items


def access_item(item_id: int) -> QueueItem:
    """Raises QueueItem.DoesNotExist."""
    return QueueItem.objects.select_related("decision").get(pk=item_id)
