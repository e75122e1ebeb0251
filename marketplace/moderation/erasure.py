"""Forgetting a person in rulings: a moderator's reason may quote them. That there was a ruling stays."""

from django.db.models import Q

from marketplace.moderation.apps import ERASED
from marketplace.moderation.models import QueueItem, State


def blank_rulings(*, user_id: int) -> int:
    """Of their texts, and those that they made."""
    return _blank(Q(author_id=user_id) | Q(resolved_by_id=user_id))


def blank_rulings_in(kind: str, ids: object) -> int:
    """Of the texts of others in threads that they took part in. `ids` may be a query."""
    return _blank(Q(thread_kind=kind, thread_id__in=ids))


def _blank(about: Q) -> int:
    resolved = QueueItem.objects.filter(about, state=State.RESOLVED)
    return resolved.exclude(reason=ERASED).update(reason=ERASED)
