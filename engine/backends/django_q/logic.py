"""Conditions that are known now, or are for the database to evaluate.

SQL has three truth values and the policy language two. They agree: the checker has proven that a condition never reads a null, so
what SQL makes of one is always decided by the other side of an AND, an OR or a guard, as it is in the engine.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

Truth = bool | Q


def opposite(truth: Truth) -> Truth:
    return not truth if isinstance(truth, bool) else ~truth


def all_of(truths: Iterable[Truth]) -> Truth:
    """Reads no more than it needs, like `&&`."""
    unknown = []
    for truth in truths:
        if truth is False:
            return False
        if truth is not True:
            unknown.append(truth)
    return True if not unknown else unknown[0] if len(unknown) == 1 else Q(*unknown)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Reads no more than it needs, like `||`."""
    unknown = []
    for truth in truths:
        if truth is True:
            return True
        if truth is not False:
            unknown.append(truth)
    return False if not unknown else unknown[0] if len(unknown) == 1 else Q(*unknown, _connector=Q.OR)
