"""The messages of a dispute, from its parties and support agents, until it is closed."""

from datetime import datetime

from django.db.models import F

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.disputes.deciding import decide_about, lock_dispute
from marketplace.disputes.models import Dispute, DisputeMessage
from marketplace.disputes.states import DisputeStatus
from marketplace.errors import Refused
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.keeping import Place
from marketplace.moderation.models import Kind, QueueItem
from marketplace.moderation.services import Moderated, moderate
from marketplace.moderation.thread import Thread
from marketplace.transactions import patiently, write


def send_message(*, author: User, dispute_id: int, text: str, now: datetime) -> DisputeMessage:
    """Raises Dispute.DoesNotExist, Denied or Refused."""
    examined = examine(text)
    return patiently(lambda: _send(examined, author=author, dispute_id=dispute_id, now=now))


def _send(examined: Examined, *, author: User, dispute_id: int, now: datetime) -> DisputeMessage:
    with write():
        dispute = lock_dispute(author, dispute_id)
        decision = decide_about("write", actor=author, dispute=dispute, now=now)
        if decision.permits:
            place = {"dispute_id": dispute.pk}
            moderated = moderate_text(
                examined, author=author, order_id=dispute.order_id, now=now, place=place
            )
            if moderated.passes:
                return append_message(
                    dispute=dispute, author=author, text=examined.text, item=moderated.item, now=now
                )
            decision = moderated.decision
    raise Denied(decision)


def deliver_message(
    *, author: User, dispute_id: int, text: str, item: QueueItem | None, now: datetime
) -> bool:
    """Delivers a text that was blocked, if the policy still lets its author write. Call it in a transaction."""
    dispute = lock_dispute(author, dispute_id)
    if not decide_about("write", actor=author, dispute=dispute, now=now).permits:
        return False
    append_message(dispute=dispute, author=author, text=text, item=item, now=now)
    return True


def moderate_text(
    examined: Examined, *, author: User, order_id: int, now: datetime, place: Place
) -> Moderated:
    """Insults add up over all disputes about an order, since the same people take part."""
    thread = Thread("order", order_id)
    return moderate(
        examined,
        kind=Kind.DISPUTE_MESSAGE,
        mode="dispute",
        author=author,
        thread=thread,
        now=now,
        place=place,
    )


def append_message(
    *, dispute: Dispute, author: User, text: str, item: QueueItem | None, now: datetime
) -> DisputeMessage:
    """The only place that adds a message. Call it in a transaction."""
    standing = Dispute.objects.filter(pk=dispute.pk).exclude(status=DisputeStatus.CLOSED)
    if standing.update(last_seq=F("last_seq") + 1) != 1:
        raise Refused("dispute-closed", "This dispute is closed and accepts no more messages.")
    return DisputeMessage.objects.create(
        dispute=dispute, seq=dispute.last_seq + 1, author=author, text=text, sent_at=now, queue_item=item
    )
