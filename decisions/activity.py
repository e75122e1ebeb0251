"""How the latest recorded decisions came out, hour by hour."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from decisions.models import DecisionRecord
from engine.decision import ON_ERROR

HOURS: Final = 12
HOUR: Final = timedelta(hours=1)
NEWEST: Final = 10_000
"""The number of records that are counted at most, so that a busy log costs the same as a quiet one."""
SHOWN: Final = 5
FAIL_SAFE: Final = "fail-safe"
"""Counted apart from the outcomes: the answer of a policy to facts that do not fit."""


@dataclass(frozen=True, slots=True)
class Hour:
    start: datetime
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Activity:
    """`outcomes` are the names in `Hour.counts`, the most frequent first. If `is_cut`, older records were not counted."""

    hours: tuple[Hour, ...]
    outcomes: tuple[str, ...]
    after: int = 0
    """The id of the newest record that was not counted."""
    is_cut: bool = False

    @property
    def total(self) -> int:
        return sum(hour.total for hour in self.hours)

    @property
    def fail_safe(self) -> int:
        return self.count(FAIL_SAFE)

    def count(self, outcome: str) -> int:
        return sum(hour.counts.get(outcome, 0) for hour in self.hours)


def recent_activity(*, now: datetime) -> Activity:
    """The decisions of this hour and those before it. Two queries."""
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [this_hour - timedelta(hours=ago) for ago in reversed(range(HOURS))]
    edge = DecisionRecord.objects.order_by("-pk").values_list("pk", "decided_at")[NEWEST : NEWEST + 1].first()
    records = DecisionRecord.objects.filter(pk__gt=edge[0] if edge else 0, decided_at__gte=starts[0])
    # Not TruncHour: SQLite would call Python for each record.
    within = {
        f"hour_{n}": Q(decided_at__gte=start, decided_at__lt=start + HOUR) for n, start in enumerate(starts)
    }
    counted = records.values_list("outcome", "rule").order_by()
    totals: Counter[str] = Counter()
    counts: list[Counter[str]] = [Counter() for _ in starts]
    for outcome, rule, *hours in counted.annotate(
        **{name: Count("pk", filter=when) for name, when in within.items()}
    ):
        name = FAIL_SAFE if rule == ON_ERROR else outcome
        totals[name] += sum(hours)
        for hour, count in zip(counts, hours, strict=True):
            if count:
                hour[name] += count
    return Activity(
        tuple(Hour(start, hour) for start, hour in zip(starts, counts, strict=True)),
        tuple(sorted(totals, key=lambda name: (-totals[name], name))),
        after=edge[0] if edge else 0,
        is_cut=edge is not None and edge[1] >= starts[0],
    )


def latest_fail_safe(activity: Activity) -> list[DecisionRecord]:
    """The newest fail-safe answers among the counted records; no query if there is none."""
    if not activity.fail_safe:
        return []
    records = DecisionRecord.objects.filter(pk__gt=activity.after, rule=ON_ERROR)
    return list(records.order_by("-pk")[:SHOWN])
