"""Erases a person from disputes: blanks what they wrote once none of their disputes is open or held.

Reasons that agents and moderators gave there are blanked too, since they may quote the person. Messages of others stay: they
are also addressed to the other side.
"""

from django.db.models import F, Q, QuerySet

from marketplace.disputes.models import Dispute, DisputeEvent, DisputeMessage, Hold, Media
from marketplace.disputes.states import DisputeStatus
from marketplace.moderation.erasure import blank_rulings_in
from marketplace.orders.models import Order


def blank_disputes(*, user_id: int) -> int:
    """Blanks texts, reasons and file names. The files are deleted by the normal retention. A current hold keeps its reason."""
    theirs = Order.objects.filter(Q(buyer_id=user_id) | Q(seller_id=user_id)).values("pk")
    messages = DisputeMessage.objects.filter(author_id=user_id).exclude(text="").update(text="")
    labels = Media.objects.filter(uploader_id=user_id).exclude(label="").update(label="")
    by_a_party = Q(actor_id=F("dispute__order__buyer_id")) | Q(actor_id=F("dispute__order__seller_id"))
    of_agents = Q(dispute__order__in=theirs) & ~by_a_party
    events = DisputeEvent.objects.filter(Q(actor_id=user_id) | of_agents)
    holds = Hold.objects.filter(
        Q(placed_by_id=user_id) | Q(dispute__order__in=theirs), released_at__isnull=False
    )
    rulings = blank_rulings_in("order", theirs)
    return messages + labels + _blank_reasons(events) + _blank_reasons(holds) + rulings


def _blank_reasons(rows: QuerySet[DisputeEvent] | QuerySet[Hold]) -> int:
    return rows.exclude(reason="").update(reason="")


def disputes_under_way(*, user_id: int) -> list[str]:
    """Reasons why an erasure has to wait, one sentence each."""
    theirs = Dispute.objects.filter(Q(order__buyer_id=user_id) | Q(order__seller_id=user_id)).order_by("pk")
    standing = theirs.exclude(status=DisputeStatus.CLOSED).values_list("pk", flat=True)
    held = theirs.filter(standing_holds__gt=0).values_list("pk", flat=True)
    return [f"dispute {pk} is not closed" for pk in standing] + [
        f"dispute {pk} is under a legal hold" for pk in held
    ]
