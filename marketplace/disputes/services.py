"""Opening, closing and reopening disputes.

Each function is one transaction: facts from the locked row, the decision and its record, then the decision's guards again as
conditional UPDATEs. Lock order: user, order, dispute, media.
"""

from datetime import datetime

from decisions import Denied, Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.disputes.deciding import decide_about, expect_one, lock_dispute
from marketplace.disputes.facts import opening_facts
from marketplace.disputes.models import Dispute, DisputeEvent
from marketplace.disputes.retention.stamping import ask_may_reopen, ask_stamp
from marketplace.disputes.states import DisputeStatus
from marketplace.disputes.threads import append_message, moderate_text
from marketplace.errors import Refused
from marketplace.guards import Guard
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.models import QueueItem
from marketplace.orders.models import Order
from marketplace.orders.models import Status as OrderStatus
from marketplace.orders.queries import access_order_as_party
from marketplace.transactions import patiently, write

ONE_OPEN = Guard(
    constraints=frozenset({"one_open_dispute_per_order"}),
    columns=frozenset({"disputes_dispute.order_id"}),
    code="already-open",
    message="There is an open dispute about this sale already.",
)
NO_DATE = "The retention policy gives no date for the media."


def open_dispute(*, actor: User, order_id: int, text: str, now: datetime) -> Dispute:
    """`text` is the first message. Raises Order.DoesNotExist, Denied or Refused."""
    examined = examine(text)
    return patiently(lambda: _open(examined, actor=actor, order_id=order_id, now=now), guard=ONE_OPEN)


def _open(examined: Examined, *, actor: User, order_id: int, now: datetime) -> Dispute:
    with write():
        order = access_order_as_party(actor, order_id)
        decision = _decide_opening(actor, order, now)
        if decision.permits:
            moderated = moderate_text(examined, author=actor, order_id=order.pk, now=now, place={})
            if moderated.passes:
                return _create(actor=actor, order=order, text=examined.text, item=moderated.item, now=now)
            decision = moderated.decision
    raise Denied(decision)


def deliver_opening(*, actor: User, order_id: int, text: str, item: QueueItem | None, now: datetime) -> bool:
    """Opens the dispute whose first message was blocked, if the policy still permits it. Call it in a transaction."""
    order = access_order_as_party(actor, order_id)
    if not _decide_opening(actor, order, now).permits:
        return False
    _create(actor=actor, order=order, text=text, item=item, now=now)
    return True


def _decide_opening(actor: User, order: Order, now: datetime) -> Decision:
    subject = Subject(kind="order", id=order.pk, actor_id=actor.pk)
    facts = opening_facts(actor=actor, order=order)
    return decide("disputes", facts, now=now, subject=subject, record=True, superset=True)


def _create(*, actor: User, order: Order, text: str, item: QueueItem | None, now: datetime) -> Dispute:
    if order.status != OrderStatus.COMPLETED:  # a trigger enforces it too, but without a readable message
        raise Refused(
            "sale-not-complete", "A dispute can be opened once both of you have confirmed the sale."
        )
    dispute = Dispute.objects.create(order=order, opened_by=actor, opened_at=now)
    append_message(dispute=dispute, author=actor, text=text, item=item, now=now)
    _note("open", actor=actor, dispute=dispute, reason="", now=now)
    return dispute


def close_dispute(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Dispute:
    """Sets the retention date of the media. Raises Dispute.DoesNotExist, Denied or Refused."""
    return patiently(lambda: _close(actor=actor, dispute_id=dispute_id, reason=reason, now=now))


def _close(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Dispute:
    with write():
        dispute = lock_dispute(actor, dispute_id)
        decision = decide_about("close", actor=actor, dispute=dispute, now=now)
        if decision.permits:
            retention = ask_stamp(dispute, closed_at=now, actor=actor, now=now)
            if retention.until is not None:
                standing = Dispute.objects.filter(pk=dispute.pk).exclude(status=DisputeStatus.CLOSED)
                stamp = retention.columns()
                expect_one(standing.update(status=DisputeStatus.CLOSED, closed_at=now, **stamp))
                _note("close", actor=actor, dispute=dispute, reason=reason, now=now)
                return _fresh(dispute)
    if decision.permits:
        raise Refused("no-retention-date", NO_DATE)
    raise Denied(decision)


def reopen_dispute(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Dispute:
    """Stops the retention of the media. Raises Dispute.DoesNotExist, Denied or Refused."""
    return patiently(
        lambda: _reopen(actor=actor, dispute_id=dispute_id, reason=reason, now=now), guard=ONE_OPEN
    )


def _reopen(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Dispute:
    with write():
        dispute = lock_dispute(actor, dispute_id)
        may_reopen = ask_may_reopen(dispute, actor=actor, now=now)
        decision = decide_about("reopen", actor=actor, dispute=dispute, now=now, may_reopen=may_reopen)
        if decision.permits:
            kept = Dispute.objects.filter(pk=dispute.pk, status=DisputeStatus.CLOSED, purge_started_at=None)
            expect_one(
                kept.update(
                    status=DisputeStatus.REOPENED,
                    closed_at=None,
                    retain_until=None,
                    retain_policy="",
                    retain_digest="",
                )
            )
            _note("reopen", actor=actor, dispute=dispute, reason=reason, now=now)
            return _fresh(dispute)
    raise Denied(decision)


def _note(act: str, *, actor: User, dispute: Dispute, reason: str, now: datetime) -> None:
    DisputeEvent.objects.create(dispute=dispute, act=act, actor=actor, reason=reason, at=now)


def _fresh(dispute: Dispute) -> Dispute:
    dispute.refresh_from_db()
    return dispute
