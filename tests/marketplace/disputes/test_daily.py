"""The sweep as periodic work: once a day, and never while the clock is in doubt."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from structlog.testing import capture_logs

from marketplace.disputes.models import Media, SweepRun
from marketplace.disputes.retention import clock, daily
from marketplace.disputes.retention.daily import sweep_daily
from tests.marketplace.disputes.factories import DAYS_90, close

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def forget_waits() -> None:
    cache.clear()


def note_a_sweep(*, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    SweepRun.objects.create(run=uuid.uuid4(), at=at, started_at=at, rehearsal=False)


@pytest.fixture
def long_silence() -> None:
    """After an outage. The test database is local, so its clock confirms nothing."""
    note_a_sweep(days_ago=3)


def wait_warnings() -> list[str]:
    """The hints in the log after another minute's attempt."""
    with capture_logs() as logs:
        sweep_daily(now=timezone.now())
    return [line["hint"] for line in logs if line["event"] == "retention_sweep_waits"]


def test_what_is_due_is_deleted_once_a_day(dispute, media, ada):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90 - timedelta(days=1))
    assert [sweep_daily(now=now), sweep_daily(now=now + timedelta(minutes=1))] == [1, 0]
    assert Media.objects.get().state == "purged"
    assert SweepRun.objects.count() == 1
    assert sweep_daily(now=now + timedelta(hours=24)) == 0
    assert SweepRun.objects.count() == 2


def test_nothing_is_deleted_after_a_long_silence_until_somebody_has_looked(long_silence, dispute, media, ada):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90 - timedelta(days=1))
    assert sweep_daily(now=now) == 0
    assert Media.objects.get().state == "live"
    assert SweepRun.objects.count() == 1


def test_long_silence_is_an_outage_where_another_clock_says_so_too(
    long_silence, dispute, media, ada, monkeypatch
):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90)
    monkeypatch.setattr(clock, "database_has_own_clock", lambda: True)
    assert [sweep_daily(now=now), sweep_daily(now=now + MINUTE)] == [1, 0]
    assert (Media.objects.get().state, SweepRun.objects.count()) == ("purged", 2)


def test_clocks_that_differ_delete_nothing_after_a_long_silence(
    long_silence, dispute, media, ada, monkeypatch
):
    close(dispute, ada, now=timezone.now() - DAYS_90)
    monkeypatch.setattr(clock, "database_has_own_clock", lambda: True)
    monkeypatch.setattr(clock, "database_now", lambda: timezone.now() + 5 * MINUTE)
    assert sweep_daily(now=timezone.now()) == 0
    assert Media.objects.get().state == "live"


def test_person_who_confirms_sets_it_going_again(long_silence, dispute, media, ada):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90)
    assert sweep_daily(now=now) == 0
    call_command("retention", "sweep", "--confirm")
    assert Media.objects.get().state == "purged"
    assert sweep_daily(now=now + timedelta(hours=24)) == 0
    assert SweepRun.objects.count() == 3


def test_waiting_is_logged_once_an_hour_and_not_every_minute(long_silence, monkeypatch):
    [hint] = wait_warnings()
    assert hint == "look at `retention plan`; if the clock is right, run `retention sweep --confirm`"
    assert [wait_warnings() for _ in range(3)] == [[], [], []]
    monkeypatch.setattr(daily, "TOLD_FOR", timedelta(0))  # an hour has passed
    cache.clear()
    assert [wait_warnings() for _ in range(2)] == [[hint], [hint]]


def test_new_reason_to_wait_is_logged_at_once(long_silence, monkeypatch):
    assert len(wait_warnings()) == 1
    with monkeypatch.context() as wrong:
        wrong.setattr(clock, "database_now", lambda: timezone.now() - 5 * MINUTE)
        assert [wait_warnings() for _ in range(2)] == [
            ["set the clocks right; nothing is deleted until they agree"],
            [],
        ]
    assert len(wait_warnings()) == 1


def test_waiting_again_after_a_sweep_is_logged_again(long_silence):
    assert len(wait_warnings()) == 1
    note_a_sweep(days_ago=1)  # as a person does after checking
    assert wait_warnings() == []  # it sweeps
    note_a_sweep(days_ago=3)
    assert len(wait_warnings()) == 1


def test_sweep_works_without_the_cache(dispute, media, ada, monkeypatch):
    def refuse(*_, **__):
        raise ConnectionError("Redis is down")

    for name in ("get", "set", "delete"):
        monkeypatch.setattr(cache, name, refuse)
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90 - timedelta(days=1))
    assert sweep_daily(now=now) == 1


def test_wait_is_logged_without_the_cache(long_silence, monkeypatch):
    def refuse(*_, **__):
        raise ConnectionError("Redis is down")

    for name in ("get", "set"):
        monkeypatch.setattr(cache, name, refuse)
    assert len(wait_warnings()) == 1
