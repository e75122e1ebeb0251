"""Disputes, holds and media as the parties and support agents may see them."""

from django.db.models import Q, QuerySet

from marketplace.accounts.models import Role, User
from marketplace.disputes.models import Dispute, DisputeMessage, Hold, Media
from marketplace.moderation.queries import delivered


def disputes_of(actor: User) -> QuerySet[Dispute]:
    """All of them for a support agent, one's own for anybody else."""
    if actor.role == Role.AGENT:
        return Dispute.objects.all()
    return Dispute.objects.filter(Q(order__buyer=actor) | Q(order__seller=actor))


def access_dispute(actor: User, dispute_id: int) -> Dispute:
    """Raises Dispute.DoesNotExist, for a dispute of others too."""
    return disputes_of(actor).get(pk=dispute_id)


def access_hold(actor: User, hold_id: int) -> Hold:
    """Raises Hold.DoesNotExist, for a hold on a dispute of others too."""
    return Hold.objects.get(pk=hold_id, dispute__in=disputes_of(actor))


def access_media(actor: User, media_id: int) -> Media:
    """Raises Media.DoesNotExist, for media in a dispute of others too."""
    return Media.objects.select_related("dispute").get(pk=media_id, dispute__in=disputes_of(actor))


def messages_of(dispute: Dispute, *, reader: User) -> QuerySet[DisputeMessage]:
    """What others wrote and is held back or removed is left out; `queue_item` comes along."""
    seen = DisputeMessage.objects.filter(Q(author=reader) | delivered(), dispute=dispute)
    return seen.select_related("queue_item").order_by("seq")


def media_of(dispute: Dispute) -> QuerySet[Media]:
    return Media.objects.filter(dispute=dispute).order_by("place")


def holds_of(actor: User, dispute_id: int) -> QuerySet[Hold]:
    """For support agents. Raises Dispute.DoesNotExist, for the parties too: holds are not their business."""
    if actor.role != Role.AGENT:
        raise Dispute.DoesNotExist
    return Hold.objects.filter(dispute=access_dispute(actor, dispute_id)).order_by("pk")
