"""The queue and the appeals for moderators, and the moderation status shown to readers of a text."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from engine import Decision
from marketplace.accounts.models import User
from marketplace.moderation.models import REPORTED, Appeal, Fate, QueueItem, Report, Verdict


@dataclass(frozen=True, slots=True)
class ModerationStatus:
    """The moderation status of a text as its reader sees it. Only the author gets more than the state. `decision_id` names the
    decision that holds or removed it, for a statement of reasons and an appeal."""

    state: Fate
    reason: str | None = None
    message: str | None = None
    support: str | None = None
    decision_id: int | None = None


def moderation_status(item: QueueItem | None, *, own: bool) -> ModerationStatus:
    """The policy's message is shown until a moderator has ruled; then only the reason for a removal is. Nobody is told of a
    report that no moderator has looked at."""
    if item is None or not own or (item.flagged_for == REPORTED and not item.verdict):
        return ModerationStatus(item.fate if item else Fate.DELIVERED)
    fate = item.fate
    return ModerationStatus(
        fate,
        None if item.standing == Verdict.OVERTURN else item.flagged_for,
        None if item.verdict else item.message_shown,
        item.support or None,
        {Fate.REMOVED: item.ruling_id, Fate.HELD: item.decision_id}.get(fate),
    )


def delivered() -> Q:
    """Of rows with a `queue_item`, those visible to others than the author: `QueueItem.fate` in SQL."""
    never_flagged = Q(queue_item=None)
    let_through = Q(queue_item__held=False, queue_item__verdict="")
    return never_flagged | let_through | overturned("queue_item")


def overturned(prefix: str) -> Q:
    """Of rows with an item at `prefix`, those whose flag was wrong: `QueueItem.standing` in SQL."""
    first, final = f"{prefix}__verdict", f"{prefix}__final_verdict"
    return Q(**{final: Verdict.OVERTURN}) | Q(**{first: Verdict.OVERTURN, final: ""})


def support_of(decision: Decision) -> str | None:
    """The policy's support text, if it wants one shown, whatever the outcome."""
    return decision.outputs.get("support") if "show_support" in decision.obligations else None


def queue(state: str | None = None) -> QuerySet[QueueItem]:
    items = QueueItem.objects.select_related("decision")
    return items.filter(state=state) if state else items


def access_item(item_id: int) -> QueueItem:
    """Raises QueueItem.DoesNotExist."""
    return QueueItem.objects.select_related("decision").get(pk=item_id)


def appeals(state: str | None = None) -> QuerySet[Appeal]:
    """For moderators, oldest first."""
    found = Appeal.objects.select_related("item", "decision", "report").order_by("pk")
    return found.filter(state=state) if state else found


def access_appeal(appeal_id: int) -> Appeal:
    """Raises Appeal.DoesNotExist."""
    return appeals().get(pk=appeal_id)


def appeals_of(appellant: User) -> QuerySet[Appeal]:
    return Appeal.objects.filter(appellant=appellant).order_by("pk")


def reports_of(reporter: User) -> QuerySet[Report]:
    return Report.objects.filter(reporter=reporter).select_related("item").order_by("pk")


def ruled_before(appeal: Appeal) -> set[int]:
    """The moderators who have ruled about the text of this appeal."""
    if appeal.item_id is None:
        return set()
    about = Appeal.objects.filter(item=appeal.item_id).exclude(pk=appeal.pk).exclude(ruled_by=None)
    first = QueueItem.objects.filter(pk=appeal.item_id).exclude(resolved_by=None)
    return {
        *about.values_list("ruled_by", flat=True),
        *first.values_list("resolved_by", flat=True),
    }
