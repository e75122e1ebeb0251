"""Working the review queue: claim an item, release it, and rule on it.

Each function is one transaction: facts from the locked row, the decision of `moderation_queue` and its record, then the
decision's guards again as a conditional UPDATE.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from decisions import Denied, Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.facts import Action, queue_facts
from marketplace.moderation.models import QueueItem, State, Verdict
from marketplace.moderation.queries import access_item
from marketplace.moderation.strikes import take_back_strike
from marketplace.transactions import patiently, write

POLICY: Final = "moderation_queue"
CHANGED: Final = "The state of this item no longer allows this."

Write = Callable[[QuerySet[QueueItem]], int]


def claim_item(*, moderator: User, item_id: int, now: datetime) -> QueueItem:
    """Of several concurrent claims, one succeeds. Idempotent for the owner of the claim. Raises QueueItem.DoesNotExist, Denied
    or Refused."""

    def claim(items: QuerySet[QueueItem]) -> int:
        if items.filter(state=State.CLAIMED, claimed_by=moderator).exists():
            return 1
        others = items.filter(state=State.OPEN).exclude(author=moderator)
        return others.update(state=State.CLAIMED, claimed_by=moderator, claimed_at=now)

    return patiently(lambda: _act("claim", claim, moderator, item_id, now), repeatable=True)


def release_item(*, moderator: User, item_id: int, now: datetime) -> QueueItem:
    """Returns the item to the queue, for anybody to claim. Raises QueueItem.DoesNotExist, Denied or Refused."""

    def release(items: QuerySet[QueueItem]) -> int:
        claimed = items.filter(state=State.CLAIMED).exclude(author=moderator)
        return claimed.update(state=State.OPEN, claimed_by=None, claimed_at=None)

    return patiently(lambda: _act("release", release, moderator, item_id, now))


def resolve_item(
    *, moderator: User, item_id: int, verdict: Verdict, reason: str, now: datetime, because: str = ""
) -> QueueItem:
    """Only by the owner of the claim, and only once. `because` is the code of a reason that the policy lists for this verdict;
    empty if `reason` has only words of the moderator's own. An overturned block is no strike any more. Raises
    QueueItem.DoesNotExist, Denied or Refused."""

    def resolve(items: QuerySet[QueueItem]) -> int:
        resolved = items.filter(state=State.CLAIMED, claimed_by=moderator).update(
            state=State.RESOLVED, verdict=verdict, reason=reason, resolved_by=moderator, resolved_at=now
        )
        if resolved and verdict == Verdict.OVERTURN:
            take_back_strike(record_id=items.values_list("decision_id", flat=True).get(), now=now)
        return resolved

    ruling = {"verdict": str(verdict), "because": because}
    return patiently(lambda: _act("resolve", resolve, moderator, item_id, now, **ruling))


def _act(
    action: Action, change: Write, moderator: User, item_id: int, now: datetime, **ruling: str
) -> QueueItem:
    with write():
        decision = _decide(action, moderator, item_id, now, **ruling)
        if decision.permits:
            if change(QueueItem.objects.filter(pk=item_id)) != 1:
                raise Refused("item-changed", CHANGED)
            return access_item(item_id)
    raise Denied(decision)


def _decide(action: Action, moderator: User, item_id: int, now: datetime, **ruling: str) -> Decision:
    item = QueueItem.objects.select_for_update(no_key=True).get(pk=item_id)
    facts = queue_facts(action, moderator=moderator, item=item, **ruling)
    subject = Subject(kind="queue_item", id=item.pk, actor_id=moderator.pk)
    return decide(POLICY, facts, now=now, subject=subject, record=True, superset=True)
