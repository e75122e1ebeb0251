"""Facts of the policies `disputes` and `retention`."""

from datetime import datetime
from typing import Literal

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from decisions.lists import Id, Output, Permission, PolicyList, Source
from marketplace.accounts.models import User
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.states import DisputeStatus, MediaState
from marketplace.orders.models import Order

Action = Literal["open", "write", "upload", "close", "reopen", "hold", "release"]

GONE = (MediaState.DOOMED, MediaState.PURGED)


def opening_facts(*, actor: User, order: Order) -> dict[str, object]:
    return {
        **_common("open", actor, order),
        "status": "new",
        "other_open": _is_open(order),
        "purge_started": False,
    }


def dispute_facts(
    action: Action, *, actor: User, dispute: Dispute, may_reopen: bool = False
) -> dict[str, object]:
    """The dispute before the action."""
    return {
        **_common(action, actor, dispute.order),
        "status": str(dispute.status),
        "other_open": dispute.status == DisputeStatus.CLOSED and _is_open(dispute.order),
        "may_reopen": may_reopen,
        "purge_started": dispute.purge_started_at is not None,
    }


def upload_facts(*, actor: User, dispute: Dispute, size: int) -> dict[str, object]:
    """Failed and deleted files do not count."""
    kept = Media.objects.filter(uploader=actor).exclude(state__in=GONE)
    usage = kept.aggregate(files=Count("pk", filter=Q(dispute=dispute)), bytes=Sum("size", default=0))
    return {
        **dispute_facts("upload", actor=actor, dispute=dispute),
        "files": usage["files"],
        "bytes": usage["bytes"] + size,
    }


def retention_facts(dispute: Dispute, *, closed_at: datetime | None = None) -> dict[str, object]:
    """The dispute as it is, or as if it were closed at the given moment. Reads the dispute's order."""
    return {
        "began_at": dispute.order.created_at,
        "status": str(DisputeStatus.CLOSED if closed_at else dispute.status),
        "closed_at": closed_at or dispute.closed_at,
        "legal_hold": dispute.standing_holds > 0,
        "hold_released_at": dispute.hold_released_at,
        "purge_started": dispute.purge_started_at is not None,
    }


def _common(action: Action, actor: User, order: Order) -> dict[str, object]:
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "buyer_id": str(order.buyer_id),
        "seller_id": str(order.seller_id),
        "order_status": str(order.status),
        "may_reopen": False,
        "files": 0,
        "bytes": 0,
    }


def _is_open(order: Order) -> bool:
    return Dispute.objects.filter(order=order).exclude(status=DisputeStatus.CLOSED).exists()


_RETENTION_COLUMNS: dict[str, Source] = {
    "began_at": F("order__created_at"),
    "status": F("status"),
    "closed_at": F("closed_at"),
    "legal_hold": Q(standing_holds__gt=0),
    "hold_released_at": F("hold_released_at"),
    "purge_started": Q(purge_started_at__isnull=False),
}
"""`retention_facts` as columns."""
MEDIA_DUE = PolicyList("retention", Permission(), Dispute, _RETENTION_COLUMNS)
"""Disputes whose media the policy lets go."""
MEDIA_LEFT = PolicyList("retention", Output("may_reopen"), Dispute, _RETENTION_COLUMNS)
"""Disputes that may be reopened as far as their media is concerned."""
_OTHERS = Dispute.objects.filter(order=OuterRef("order_id")).exclude(status=DisputeStatus.CLOSED)
REOPENABLE = PolicyList(
    policy="disputes",
    asked=Permission(),
    model=Dispute,
    facts={
        "action": "reopen",
        "buyer_id": Id("order__buyer_id"),
        "seller_id": Id("order__seller_id"),
        "order_status": F("order__status"),
        "status": F("status"),
        "other_open": Q(Exists(_OTHERS), status=DisputeStatus.CLOSED),
        "purge_started": Q(purge_started_at__isnull=False),
        "files": 0,
        "bytes": 0,
    },
    given=("actor_id", "actor_role", "may_reopen"),
)
"""Disputes that the actor may reopen: `dispute_facts` as columns."""
