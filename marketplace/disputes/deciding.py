"""Decides with the policy `disputes` on a locked row: the first half of every write."""

from datetime import datetime

from decisions import Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.disputes.facts import Action, dispute_facts
from marketplace.disputes.models import Dispute
from marketplace.disputes.queries import disputes_of
from marketplace.errors import Refused

CHANGED = "The state of this dispute no longer allows this."


def lock_dispute(actor: User, dispute_id: int) -> Dispute:
    """Raises Dispute.DoesNotExist, also for other people's disputes."""
    locked = disputes_of(actor).select_for_update(no_key=True, of=("self",))
    return locked.select_related("order").get(pk=dispute_id)


def decide_about(
    action: Action, *, actor: User, dispute: Dispute, now: datetime, may_reopen: bool = False
) -> Decision:
    facts = dispute_facts(action, actor=actor, dispute=dispute, may_reopen=may_reopen)
    return decide_with(facts, actor=actor, dispute=dispute, now=now)


def decide_with(facts: dict[str, object], *, actor: User, dispute: Dispute, now: datetime) -> Decision:
    subject = Subject(kind="dispute", id=dispute.pk, actor_id=actor.pk)
    return decide("disputes", facts, now=now, subject=subject, record=True, superset=True)


def expect_one(rows: int) -> None:
    if rows != 1:
        raise Refused("dispute-changed", CHANGED)
