"""Whether retention goes on: when the last sweep was, what is overdue, and what stands in its way."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from decisions import BundleUnavailable
from marketplace.disputes.retention.clock import MAX_JUMP, ClockDoubt, choose_moment, database_now, last_run
from marketplace.disputes.retention.planning import count_overdue


def retention_problem() -> str | None:
    """What a person has to look at."""
    try:
        now = choose_moment(at=None, confirmed=False).at
    except ClockDoubt as doubt:
        return f"nothing is deleted: {doubt}: {doubt.hint}"
    last = last_run()
    if last is not None and now - last > MAX_JUMP:
        return f"no sweep since {last.isoformat(timespec='seconds')}: `manage.py run_due` does one"
    if overdue := count_overdue(now):
        return f"{overdue} files are overdue: the log says why"
    return None


class RetentionCollector(Collector):
    """Asks the database at each scrape, so that every worker tells the same."""

    def describe(self) -> Iterator[Metric]:
        """What there may be, so that registering it asks no database."""
        yield from (_age(), _overdue())

    def collect(self) -> Iterator[Metric]:
        try:
            now = database_now()
            last, overdue = last_run(), count_overdue(now)
        except (DatabaseError, BundleUnavailable):
            return  # /readyz says so, and whoever scrapes gets the rest
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
