"""The thread of a dispute, to which its parties and support agents write until it is closed."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.disputes.deciding import decide_about, lock_dispute
from marketplace.disputes.models import Dispute, DisputeMessage
from marketplace.disputes.states import DisputeStatus
from marketplace.errors import Refused


def send_message(*, author: User, dispute_id: int, text: str, now: datetime) -> DisputeMessage:
    """Raises Dispute.DoesNotExist, Denied or Refused."""
    with transaction.atomic(durable=True):
        dispute = lock_dispute(author, dispute_id)
        decision = decide_about("write", actor=author, dispute=dispute, now=now)
        if decision.permits:
            return append_message(dispute=dispute, author=author, text=text, now=now)
    raise Denied(decision)


def append_message(*, dispute: Dispute, author: User, text: str, now: datetime) -> DisputeMessage:
    """The one place where a text joins a thread. Belongs into the caller's transaction."""
    standing = Dispute.objects.filter(pk=dispute.pk).exclude(status=DisputeStatus.CLOSED)
    if standing.update(last_seq=F("last_seq") + 1) != 1:
        raise Refused("dispute-closed", "This dispute is closed and takes no more messages.")
    return DisputeMessage.objects.create(
        dispute=dispute, seq=dispute.last_seq + 1, author=author, text=text, sent_at=now
    )
