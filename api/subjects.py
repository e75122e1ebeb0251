"""Whose data a stored response contains, so that it can be erased with them."""

from collections.abc import Collection
from typing import Final

from marketplace.accounts.models import ErasureRequest, User
from marketplace.assistant.models import Conversation

Subject = tuple[str, int]
"""A kind and an id."""

USER: Final = "user"
CONVERSATION: Final = "conversation"


def are_there(subjects: Collection[Subject]) -> bool:
    """Whether none of them is erased. Locks their rows: a concurrent erasure either committed before, and is seen here, or
    comes after this transaction and deletes what it wrote."""
    return _no_user_is_erased(_numbers(USER, subjects)) and _conversations_are_there(
        _numbers(CONVERSATION, subjects)
    )


def _numbers(kind: str, subjects: Collection[Subject]) -> set[int]:
    return {number for subject_kind, number in subjects if subject_kind == kind}


def _no_user_is_erased(numbers: set[int]) -> bool:
    if not numbers:
        return True
    list(User.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk").values_list("pk"))
    return not ErasureRequest.objects.filter(user_id__in=numbers, done_at__isnull=False).exists()


def _conversations_are_there(numbers: set[int]) -> bool:
    if not numbers:
        return True
    locked = Conversation.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
    return len(locked.values_list("pk")) == len(numbers)
