"""Disputes, holds and media, visible to the parties and support agents."""

from datetime import datetime

from django.db.models import Q, QuerySet

from marketplace.accounts.models import Role, User
from marketplace.disputes.facts import REOPENABLE
from marketplace.disputes.models import Dispute, DisputeMessage, Hold, Media
from marketplace.disputes.retention.keeping import media_left
from marketplace.moderation.queries import delivered


def disputes_of(actor: User) -> QuerySet[Dispute]:
    """Support agents see all disputes, others their own."""
    if actor.role == Role.AGENT:
        return Dispute.objects.all()
    return Dispute.objects.filter(Q(order__buyer=actor) | Q(order__seller=actor))


def reopenable_disputes(actor: User, *, now: datetime) -> QuerySet[Dispute]:
    """Disputes that the actor may reopen now, by the policies `disputes` and `retention`."""
    actor_id, role = str(actor.pk), str(actor.role)
    return REOPENABLE.rows(
        disputes_of(actor), now=now, actor_id=actor_id, actor_role=role, may_reopen=media_left(now=now)
    )


def access_dispute(actor: User, dispute_id: int) -> Dispute:
    """Raises Dispute.DoesNotExist, also for other people's disputes."""
    return disputes_of(actor).get(pk=dispute_id)


def access_hold(actor: User, hold_id: int) -> Hold:
    """Raises Hold.DoesNotExist, also for holds on other people's disputes."""
    return Hold.objects.get(pk=hold_id, dispute__in=disputes_of(actor))


def access_media(actor: User, media_id: int) -> Media:
    """Raises Media.DoesNotExist, also for media of other people's disputes."""
    return Media.objects.select_related("dispute").get(pk=media_id, dispute__in=disputes_of(actor))


def messages_of(dispute: Dispute, *, reader: User) -> QuerySet[DisputeMessage]:
    """Leaves out other people's held or removed messages; `queue_item` is prefetched."""
    seen = DisputeMessage.objects.filter(Q(author=reader) | delivered(), dispute=dispute)
    return seen.select_related("queue_item").order_by("seq")


def media_of(dispute: Dispute) -> QuerySet[Media]:
    return Media.objects.filter(dispute=dispute).order_by("place")


def holds_of(actor: User, dispute_id: int) -> QuerySet[Hold]:
    """For support agents. Raises Dispute.DoesNotExist, also for the parties: holds are confidential."""
    if actor.role != Role.AGENT:
        raise Dispute.DoesNotExist
    return Hold.objects.filter(dispute=access_dispute(actor, dispute_id)).order_by("pk")
