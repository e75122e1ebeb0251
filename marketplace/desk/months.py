"""What was decided about people in one month, as counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Final

from django.db.models import Count, Q

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.chats.models import Chat
from marketplace.desk.statements import refuses
from marketplace.moderation.models import Appeal, AppealState, QueueItem, Report, State, Verdict
from marketplace.moderation.strikes import category_of_rule

HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Refusals:
    """By one rule."""

    policy: str
    rule: str
    category: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Month:
    """`appeals` counts those that were made in the month, by their state now; `median_hours` is until their ruling."""

    month: str
    refusals: list[Refusals]
    holds: int
    removals: int
    removals_after_report: int
    locks: int
    reports: Mapping[str, int]
    appeals: Mapping[str, int]
    appeals_by_reporters: int
    median_hours: float | None


def count_month(year: int, month: int) -> Month:
    """In UTC. Reads the log of that month once."""
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)

    def within(moment: str) -> Q:
        return Q(**{f"{moment}__gte": start, f"{moment}__lt": end})

    removed = QueueItem.objects.filter(
        within("resolved_at"), state=State.RESOLVED, verdict=Verdict.UPHOLD, blocked=False
    )
    granted = Appeal.objects.filter(within("ruled_at"), state=AppealState.OVERTURNED)
    after_appeal = granted.exclude(report=None).count()
    appeals = Appeal.objects.filter(within("opened_at"))
    hours = [
        (ruled_at - opened_at).total_seconds() / HOUR
        for opened_at, ruled_at in appeals.values_list("opened_at", "ruled_at")
        if ruled_at is not None
    ]
    states = Counter(appeals.values_list("state", flat=True))
    because = Counter(Report.objects.filter(within("at")).values_list("because", flat=True))
    return Month(
        month=f"{year:04}-{month:02}",
        refusals=_refusals(within("decided_at")),
        holds=QueueItem.objects.filter(within("created_at"), held=True, blocked=False).count(),
        removals=removed.count() + after_appeal,
        removals_after_report=removed.exclude(reports=None).distinct().count() + after_appeal,
        locks=Chat.objects.filter(within("locked_at")).count(),
        reports=dict(sorted(because.items())),
        appeals={state: states.get(state, 0) for state in AppealState.values},
        appeals_by_reporters=appeals.exclude(report=None).count(),
        median_hours=round(median(hours), 1) if hours else None,
    )


def _refusals(within: Q) -> list[Refusals]:
    """By outcomes as the policies of today order them."""
    permissive = {name: versions.all[-1].outcomes[0] for name, versions in bundles.current().policies.items()}
    counted = (
        DecisionRecord.objects.filter(within)
        .order_by()
        .values_list("policy", "outcome", "rule")
        .annotate(count=Count("pk"))
    )
    found = [
        Refusals(policy, rule, category_of_rule(rule), count)
        for policy, outcome, rule, count in counted
        if refuses(policy, outcome, most_permissive=permissive.get(policy, "allow"))
    ]
    return sorted(found, key=lambda each: (-each.count, each.policy, each.rule))
