"""Erases a person from moderation verdicts: a reason may quote them. The verdict itself stays."""

from django.db.models import Q

from marketplace.moderation.apps import ERASED
from marketplace.moderation.models import Appeal, QueueItem, State


def blank_rulings(*, user_id: int) -> int:
    """Verdicts on their texts and appeals, and verdicts they gave."""
    ruled = _blank(Q(author_id=user_id) | Q(resolved_by_id=user_id))
    return ruled + _blank_appeals(Q(author_id=user_id) | Q(ruled_by_id=user_id) | Q(appellant_id=user_id))


def blank_rulings_in(kind: str, ids: object) -> int:
    """Verdicts on other people's texts in threads that they took part in. `ids` may be a query."""
    there = Q(thread_kind=kind, thread_id__in=ids)
    return _blank(there) + _blank_appeals(there)


def _blank_appeals(about: Q) -> int:
    return Appeal.objects.filter(about).exclude(reason__in=("", ERASED)).update(reason=ERASED)


def _blank(about: Q) -> int:
    resolved = QueueItem.objects.filter(about, state=State.RESOLVED)
    return resolved.exclude(reason=ERASED).update(reason=ERASED)
