"""Health of retention: the last sweep, overdue files, and problems."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from decisions import BundleUnavailable
from documents.plurals import counted
from engine import PolicyNotInForce
from marketplace.disputes.retention.clock import MAX_JUMP, ClockDoubt, choose_moment, database_now, last_run
from marketplace.disputes.retention.planning import count_overdue


def retention_problem() -> str | None:
    """A problem that needs a person's attention."""
    try:
        now = choose_moment(at=None, confirmed=False).at
    except ClockDoubt as doubt:
        return f"nothing is deleted: {doubt}: {doubt.hint}"
    last = last_run()
    if last is not None and now - last > MAX_JUMP:
        return f"no sweep since {last.isoformat(timespec='seconds')}: `manage.py run_due` does one"
    if overdue := count_overdue(now):
        return f"overdue: {counted(overdue, 'file')}; see the log"
    return None


class RetentionCollector(Collector):
    """Queries the database at each scrape, so that every worker reports the same."""

    def describe(self) -> Iterator[Metric]:
        """Declares the metrics, so that registration needs no database."""
        yield from (_age(), _overdue())

    def collect(self) -> Iterator[Metric]:
        try:
            now = database_now()
            last, overdue = last_run(), count_overdue(now)
        except (DatabaseError, BundleUnavailable, PolicyNotInForce):
            return  # /readyz reports it; the scraper gets the other metrics
        if last is not None:
            age = _age()
            age.add_metric([], (now - last).total_seconds())
            yield age
        count = _overdue()
        count.add_metric([], overdue)
        yield count


def _age() -> GaugeMetricFamily:
    return GaugeMetricFamily("comity_retention_last_sweep_age_seconds", "Seconds since the last sweep.")


def _overdue() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "comity_retention_overdue_files", "Files that should have been deleted more than a day ago."
    )
