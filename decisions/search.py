"""Finds recorded decisions, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from decisions.models import DecisionRecord

PAGE: Final = 50
SEARCHED: Final = 10_000
"""What no index covers is searched among this many of the newest records, whatever the size of the log."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a decision should match; what is empty matches all."""

    policy: str = ""
    outcome: str = ""
    rule: str = ""
    subject_id: int | None = None
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Only records with a smaller id: where the page before ended."""


@dataclass(frozen=True, slots=True)
class Found:
    """`is_cut` says that only the newest records were searched."""

    records: tuple[DecisionRecord, ...]
    before: int | None
    """Where the next page begins; None if there is none."""
    is_cut: bool


def find_decisions(wanted: Wanted, *, unnamed: Q | None = None) -> Found:
    """One page. One query. A search by person finds none of the `unnamed`."""
    near, far = _filters(wanted)
    if unnamed is not None and wanted.actor_id is not None:
        far &= ~unnamed
    records = DecisionRecord.objects.filter(near)
    if far:
        newest = records.order_by("-pk").values("pk")[:SEARCHED]
        records = DecisionRecord.objects.filter(far, pk__in=newest)
    if wanted.before is not None:
        records = records.filter(pk__lt=wanted.before)
    page = list(records.defer("facts", "answer").order_by("-pk")[: PAGE + 1])
    shown = tuple(page[:PAGE])
    return Found(shown, shown[-1].pk if len(page) > PAGE else None, bool(far))


def _filters(wanted: Wanted) -> tuple[Q, Q]:
    """What an index finds, and the rest."""
    near, far = Q(), Q()
    if wanted.policy:
        near &= Q(policy=wanted.policy)
    if wanted.subject_id is not None:
        near &= Q(subject_id=wanted.subject_id)
    if wanted.outcome:
        outcome = Q(outcome=wanted.outcome)
        near, far = (near & outcome, far) if wanted.policy else (near, far & outcome)
    if wanted.rule:
        far &= Q(rule=wanted.rule) | Q(reason=wanted.rule)
    others: dict[str, Any] = {
        "actor_id": wanted.actor_id,
        "decided_at__gte": wanted.since,
        "decided_at__lt": wanted.until,
    }
    for name, value in others.items():
        if value is not None:
            far &= Q(**{name: value})
    return near, far
