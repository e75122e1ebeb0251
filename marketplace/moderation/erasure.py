"""Erases a person from moderation verdicts: a reason may quote them. The verdict itself stays."""

from django.db.models import Q

from marketplace.moderation.apps import ERASED
from marketplace.moderation.models import QueueItem, State


def blank_rulings(*, user_id: int) -> int:
    """Verdicts on their texts, and verdicts they gave."""
    return _blank(Q(author_id=user_id) | Q(resolved_by_id=user_id))


def blank_rulings_in(kind: str, ids: object) -> int:
    """Verdicts on other people's texts in threads that they took part in. `ids` may be a query."""
    return _blank(Q(thread_kind=kind, thread_id__in=ids))


def _blank(about: Q) -> int:
    resolved = QueueItem.objects.filter(about, state=State.RESOLVED)
    return resolved.exclude(reason=ERASED).update(reason=ERASED)
