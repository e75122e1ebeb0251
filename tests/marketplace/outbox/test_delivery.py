"""Events are delivered once, retried after failures, and never delivered twice by concurrent processes."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.apps import apps

from marketplace.outbox.delivery import LEASE, LONGEST_PAUSE, Undelivered, deliver_events, pause_after
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.services import add_event
from tests.marketplace.factories import NOW
from tests.marketplace.outbox import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(tmp_path, monkeypatch):
    """What the handler was given, in order."""
    file = tmp_path / "deliveries"
    file.touch()
    monkeypatch.setenv(deliveries.VARIABLE, str(file))
    listen(monkeypatch, deliveries.NOTE)
    return lambda: file.read_text().split()


def listen(monkeypatch, handler: str) -> None:
    config = apps.get_app_config("outbox")
    monkeypatch.setattr(config, "outbox", {"order.completed": handler}, raising=False)


def add_events(count: int) -> list[str]:
    added = [
        add_event(kind="order.completed", subject_id=number, payload={"order_id": number}, now=NOW)
        for number in range(count)
    ]
    return [event.dedup for event in added]


def test_events_are_delivered_in_order_and_once(delivered):
    dedups = add_events(3)

    assert [deliver_events(now=NOW), deliver_events(now=NOW)] == [3, 0]
    assert delivered() == dedups
    assert {event.sent_at for event in OutboxEvent.objects.all()} == {NOW}


def test_event_that_nobody_listens_to_is_logged_and_done(delivered, caplog):
    add_event(kind="chat.opened", subject_id=1, payload={"chat_id": 1}, now=NOW)

    assert deliver_events(now=NOW) == 1
    assert delivered() == []
    assert "chat.opened:1" in caplog.text


def test_failure_waits_longer_each_time_and_stops_no_other_event(delivered, monkeypatch):
    [dedup] = add_events(1)
    add_event(kind="chat.opened", subject_id=1, payload={}, now=NOW)
    listen(monkeypatch, deliveries.FAIL)

    with pytest.raises(Undelivered, match="1 events could not be delivered, 1 were"):
        deliver_events(now=NOW)

    assert deliver_events(now=NOW + timedelta(seconds=1)) == 0
    listen(monkeypatch, deliveries.NOTE)
    assert deliver_events(now=NOW + timedelta(seconds=2)) == 1
    assert delivered() == [dedup]
    assert OutboxEvent.objects.get(dedup=dedup).attempts == 2


def test_pause_is_bounded():
    assert [pause_after(attempts) for attempts in (1, 2, 5, 500)] == [
        *(timedelta(seconds=seconds) for seconds in (2, 4, 32)),
        LONGEST_PAUSE,
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ahead", "count"), [(LONGEST_PAUSE, 0), (2 * LONGEST_PAUSE, 0), (timedelta(days=365), 1)]
)
def test_event_taken_by_a_clock_that_ran_ahead_does_not_wait_for_that_moment(delivered, ahead, count):
    add_events(1)
    OutboxEvent.objects.update(not_before=NOW + ahead, attempts=1)

    assert deliver_events(now=NOW) == count


@pytest.mark.full_on("postgresql")
def test_event_of_a_killed_process_comes_again(delivered, database_url):
    [dedup] = add_events(1)

    assert drain(database_url, deliveries.DIE).returncode == -9
    assert delivered() == [dedup]

    assert deliver_events(now=OutboxEvent.objects.get().not_before - timedelta(seconds=1)) == 0
    assert deliver_events(now=OutboxEvent.objects.get().not_before) == 1
    assert delivered() == [dedup, dedup]


@pytest.mark.django_db(transaction=True)
@pytest.mark.full_on("sqlite")
def test_two_concurrent_processes_deliver_each_event_once(delivered, database_url, scale):
    dedups = add_events(scale.races)
    both = [start_drain(database_url, deliveries.NOTE) for _ in range(2)]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [json.loads(process.communicate()[0]) for process in both]

    assert sum(counts) == len(dedups)
    assert sorted(delivered()) == sorted(dedups)


def start_drain(database_url: str, handler: str) -> subprocess.Popen[str]:
    environment = os.environ | {"DATABASE_URL": database_url, "COMITY_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "tests.marketplace.outbox.drain", handler]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def drain(database_url: str, handler: str) -> subprocess.Popen[str]:
    process = start_drain(database_url, handler)
    process.communicate("go\n")
    return process


def test_lease_is_longer_than_the_pause_between_two_runs(settings):
    assert timedelta(seconds=settings.COMITY_DUE_SECONDS) < LEASE
