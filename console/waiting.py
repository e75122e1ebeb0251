"""What waits for the user: bundles to judge or put in force, activations to review, and texts to rule on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.models import State
from marketplace.moderation.queries import queue
from marketplace.publishing.models import Activation
from marketplace.publishing.offers import (
    Offer,
    Waiting,
    base_of_offers,
    find_unreviewed,
    find_waiting,
    may_act,
)


@dataclass(frozen=True, slots=True)
class WaitingFor:
    bundles: list[Waiting]
    reviews: list[tuple[Activation, Offer]]
    queue: int
    urgent: int


def find_waiting_for(user: User, *, now: datetime) -> WaitingFor | None:
    """None if nothing ever waits for the user."""
    acts = may_act(user)
    if not acts and not user.moderates:
        return None
    texts = count_open_texts(user) if user.moderates else {"all": 0, "urgent": 0}
    bundles, reviews = [], []
    if acts:
        try:
            base = base_of_offers()
        except Refused:
            base = None
        bundles = find_waiting(base, actor=user, now=now) if base else []
        reviews = [each for each in find_unreviewed(base, actor=user, now=now) if each[1].may]
    return WaitingFor(bundles, reviews, texts["all"], texts["urgent"])


def count_open_texts(user: User) -> dict[str, int]:
    """That somebody else wrote."""
    texts = queue(State.OPEN).exclude(author=user)
    return texts.aggregate(all=Count("pk"), urgent=Count("pk", filter=Q(urgent=True)))
