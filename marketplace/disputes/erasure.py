"""Forgetting a person in disputes: what they wrote is blanked, once no dispute of theirs is open or held."""

from django.db.models import Q

from marketplace.disputes.models import Dispute, DisputeEvent, DisputeMessage, Media
from marketplace.disputes.states import DisputeStatus


def blank_disputes(*, user_id: int) -> int:
    """Texts, reasons and names of files. The files themselves go when their time is up, as everybody's do."""
    messages = DisputeMessage.objects.filter(author_id=user_id).exclude(text="").update(text="")
    reasons = DisputeEvent.objects.filter(actor_id=user_id).exclude(reason="").update(reason="")
    labels = Media.objects.filter(uploader_id=user_id).exclude(label="").update(label="")
    return messages + reasons + labels


def disputes_under_way(*, user_id: int) -> list[str]:
    """Why an erasure has to wait, a sentence each."""
    theirs = Dispute.objects.filter(Q(order__buyer_id=user_id) | Q(order__seller_id=user_id)).order_by("pk")
    standing = theirs.exclude(status=DisputeStatus.CLOSED).values_list("pk", flat=True)
    held = theirs.filter(standing_holds__gt=0).values_list("pk", flat=True)
    return [f"dispute {pk} is not closed" for pk in standing] + [
        f"dispute {pk} is under a legal hold" for pk in held
    ]
