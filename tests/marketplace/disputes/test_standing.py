"""The health of retention in /readyz and /metrics."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry

from marketplace.disputes.holds import place_hold, release_hold
from marketplace.disputes.models import SweepRun
from marketplace.disputes.retention import clock, standing
from marketplace.disputes.retention.standing import RetentionCollector, retention_problem
from tests.marketplace.disputes.factories import DAYS_90, add_media, close
from tests.marketplace.disputes.sweeps import sweep_at

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def note_a_sweep(ago: timedelta) -> None:
    at = timezone.now() - ago
    SweepRun.objects.create(run=uuid.uuid4(), at=at, started_at=at, rehearsal=False)


def gauges() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(RetentionCollector())
    return {
        sample.name.removeprefix("comity_retention_"): sample.value
        for metric in registry.collect()
        for sample in metric.samples
    }


def close_ago(dispute, agent, ago: timedelta) -> None:
    close(dispute, agent, now=timezone.now() - ago)


def test_new_installation_has_no_problem_and_no_last_sweep():
    assert (retention_problem(), gauges()) == (None, {"overdue_files": 0})


def test_sweep_of_yesterday_is_fine():
    note_a_sweep(24 * HOUR)
    assert retention_problem() is None
    age = gauges()["last_sweep_age_seconds"]
    assert 24 * 3600 <= age < 25 * 3600


def test_outage_is_reported_with_a_hint():
    note_a_sweep(72 * HOUR)
    said = retention_problem()
    assert said.startswith("nothing is deleted: ")
    assert "3 days, 0:00:0" in said
    assert said.endswith(": look at `retention plan`; if the clock is right, run `retention sweep --confirm`")


def test_missing_sweep_is_reported_although_the_clock_is_right(monkeypatch):
    monkeypatch.setattr(clock, "database_has_own_clock", lambda: True)
    note_a_sweep(26 * HOUR)
    said = retention_problem()
    assert said.startswith("no sweep since ") and said.endswith(": `manage.py run_due` does one")


def test_last_sweep_in_the_future_is_reported():
    note_a_sweep(-100 * HOUR)
    assert "before the last sweep" in retention_problem()
    assert gauges()["last_sweep_age_seconds"] < 0


def test_differing_clocks_are_reported(monkeypatch):
    monkeypatch.setattr(clock, "database_now", lambda: timezone.now() + HOUR)
    assert "differ by 3600 seconds" in retention_problem()


@pytest.mark.parametrize(
    ("ago", "overdue"), [(DAYS_90, 0), (DAYS_90 + 24 * HOUR, 0), (DAYS_90 + 26 * HOUR, 2)]
)
def test_files_are_overdue_a_day_after_their_time(dispute, bea, ada, ago, overdue):
    for _ in range(2):
        add_media(dispute, bea)
    close_ago(dispute, ada, ago)
    note_a_sweep(HOUR)
    assert gauges()["overdue_files"] == overdue
    assert retention_problem() == (f"overdue: {overdue} files; see the log" if overdue else None)


def test_file_that_a_sweep_could_not_delete_is_overdue(dispute, media, ada, monkeypatch):
    close_ago(dispute, ada, DAYS_90 + 72 * HOUR)
    with monkeypatch.context() as broken:
        broken.setattr("marketplace.disputes.retention.sweeping.purge", lambda *_, **__: None)
        sweep_at(timezone.now() - 48 * HOUR)
    assert gauges()["overdue_files"] == 1
    sweep_at(timezone.now())
    assert gauges()["overdue_files"] == 0


def test_what_the_policy_keeps_is_not_overdue(dispute, media, ada):
    close_ago(dispute, ada, DAYS_90 + 72 * HOUR)
    hold = place_hold(actor=ada, dispute_id=dispute.pk, reason="Court.", now=timezone.now())
    assert gauges()["overdue_files"] == 0
    release_hold(actor=ada, hold_id=hold.pk, now=timezone.now())
    assert gauges()["overdue_files"] == 0  # for a week
    assert retention_problem() is None


def test_database_that_is_down_takes_nothing_else_from_metrics(monkeypatch):
    def fail() -> None:
        raise standing.DatabaseError("gone")

    monkeypatch.setattr(standing, "database_now", fail)
    assert gauges() == {}
