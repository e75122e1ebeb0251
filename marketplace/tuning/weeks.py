"""Counts the scores of recorded decisions day by day, and tells whether the latest week drifts.

A day is counted once, so that drift costs one query of a few rows, whatever the size of the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, Max, QuerySet
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from decisions.models import DecisionRecord
from detectors.signal import CATEGORIES
from engine.decision import ON_ERROR
from marketplace.moderation.services import POLICY
from marketplace.tuning.drift import BINS, Counts, Drift, add_up, bins_of, measure_all
from marketplace.tuning.models import DayOfScores

DAY: Final = timedelta(days=1)
WEEK: Final = 7
WEEKS: Final = 9
"""The latest week, and those before it that it is compared with."""
AT_ONCE: Final = 7
"""The days that are counted in one run."""
MOST: Final = 20_000
"""The decisions of a day that are counted; of more, an even sample."""
CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Week:
    """`counts` has the texts of each category by bin."""

    first: date
    texts: int
    counts: Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """`weeks` begin with the oldest; the last is the latest, which ends with yesterday. `drifts` begin with the most drift."""

    weeks: tuple[Week, ...]
    drifts: tuple[Drift, ...]
    limit: float

    @property
    def alarms(self) -> list[Drift]:
        return [drift for drift in self.drifts if drift.alarms(self.limit)]


def count_scores(*, now: datetime) -> int:
    """Count the complete days that have not been counted, a few at a time. Returns their number."""
    wanted = _days(now)
    counted = set(DayOfScores.objects.filter(day__in=wanted).values_list("day", flat=True))
    missing = [day for day in reversed(wanted) if day not in counted][:AT_ONCE]
    # Another process may have counted them meanwhile.
    DayOfScores.objects.bulk_create([_count(day) for day in missing], ignore_conflicts=True)
    return len(missing)


def read_standing(*, now: datetime) -> Standing:
    """One query."""
    days = _days(now)
    rows = {row.day: row for row in DayOfScores.objects.filter(day__gte=days[0], day__lte=days[-1])}
    weeks = tuple(_week(days[start : start + WEEK], rows) for start in range(0, len(days), WEEK))
    before: dict[str, Counts] = {
        category: add_up(week.counts[category] for week in weeks[:-1]) for category in CATEGORIES
    }
    return Standing(weeks, tuple(measure_all(before, weeks[-1].counts)), settings.MODERATION_DRIFT)


def _days(now: datetime) -> list[date]:
    """The complete days, in UTC, of all weeks."""
    today = now.astimezone(UTC).date()
    return [today - ago * DAY for ago in range(WEEK * WEEKS, 0, -1)]


def _week(days: Sequence[date], rows: Mapping[date, DayOfScores]) -> Week:
    counted = [rows[day] for day in days if day in rows]
    counts: dict[str, list[int]] = {
        category: add_up(row.counts.get(category) or [row.texts] + [0] * (BINS - 1) for row in counted)
        for category in CATEGORIES
    }
    return Week(days[0], sum(row.texts for row in counted), counts)


def _count(day: date) -> DayOfScores:
    records = _records_of(day)
    if (total := records.count()) > MOST:
        records = records.alias(rest=F("pk") % -(-total // MOST)).filter(rest=0)
    texts = 0
    counts: dict[str, list[int]] = {}
    for facts in records.values_list("facts", flat=True).iterator(CHUNK):
        texts += 1
        for category, place in bins_of(facts["signals"]).items():
            counts.setdefault(category, [0] * BINS)[place] += 1
    for bins in counts.values():
        bins[0] = texts - sum(bins)
    return DayOfScores(day=day, texts=texts, counts=counts)


def _records_of(day: date) -> QuerySet[DecisionRecord]:
    """Ids follow time closely enough to find the day by halving, which an index on the time would cost each decision."""
    start = datetime.combine(day, time(), UTC)
    about = DecisionRecord.objects.filter(policy=POLICY).exclude(rule=ON_ERROR)
    newest = about.aggregate(newest=Max("pk"))["newest"] or 0
    first, after = (_first_since(moment, newest) for moment in (start, start + DAY))
    return about.filter(pk__gte=first, pk__lt=after, decided_at__gte=start, decided_at__lt=start + DAY)


def _first_since(moment: datetime, newest: int) -> int:
    """The id from which on records were decided at this moment or later."""
    low, high = 0, newest + 1
    records = DecisionRecord.objects.filter(policy=POLICY).order_by("pk")
    while low < high:
        middle = (low + high) // 2
        found = records.filter(pk__gte=middle).values_list("pk", "decided_at").first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


class DriftCollector(Collector):
    """Queries the database at each scrape, so that every worker reports the same."""

    def describe(self) -> Iterator[Metric]:
        """Declares the metrics, so that registration needs no database."""
        yield from (_index(), _alarm())

    def collect(self) -> Iterator[Metric]:
        try:
            standing = read_standing(now=timezone.now())
        except DatabaseError:
            return  # /readyz reports it; the scraper gets the other metrics
        index, alarm = _index(), _alarm()
        for drift in standing.drifts:
            if drift.index is not None:
                index.add_metric([drift.category], drift.index)
            alarm.add_metric([drift.category], drift.alarms(standing.limit))
        yield from (index, alarm)


def _index() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "comity_moderation_drift",
        "Population stability index of the scores of the latest week; absent if there are too few.",
        labels=["category"],
    )


def _alarm() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "comity_moderation_drift_alarm",
        "1 if scores drift beyond MODERATION_DRIFT and beyond chance.",
        labels=["category"],
    )
