"""Periodic work runs from the command and from the server's thread, and can be repeated safely."""

import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from api.models import IdempotencyKey
from marketplace.outbox.background import DueRunner, start_running_due
from marketplace.outbox.due import Done, run_due
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.factories import NOW, complete

pytestmark = pytest.mark.django_db


DUTIES = {
    "deliver_events": 1,
    "erase_waiting": 0,
    "forget_resets": 0,
    "forget_sessions": 0,
    "forget_blocked_texts": 0,
    "sweep_daily": 0,
    "count_scores": 7,  # days at once, of the weeks before
    "forget_expired": 0,
    "prune_keys": 1,
}


def impossible(*, now) -> int:
    raise OSError("no room")


@pytest.fixture
def old_key(bea):
    two_days_ago = timezone.now() - timedelta(days=2)
    return IdempotencyKey.objects.create(actor=bea, key="old", status=200, created_at=two_days_ago)


def test_everything_is_done_once(order, old_key):
    complete(order)
    now = timezone.now()

    assert run_due(now=now) == [
        Done("forget_gone", 0),
        Done("remind_of_glass", 0),
        Done("seal_log", 3),
        Done("replay_nightly", 3),
        Done("deliver_events", 1),
        Done("erase_waiting", 0),
        Done("forget_resets", 0),
        Done("forget_sessions", 0),
        Done("forget_blocked_texts", 0),
        Done("sweep_daily", 0),
        Done("count_scores", 7),
        Done("forget_expired", 0),
        Done("prune_keys", 1),
    ]
    assert run_due(now=now) == [
        Done("forget_gone", 0),
        Done("remind_of_glass", 0),
        Done("seal_log", 0),
        Done("replay_nightly", 0),
        Done("deliver_events", 0),
        Done("erase_waiting", 0),
        Done("forget_resets", 0),
        Done("forget_sessions", 0),
        Done("forget_blocked_texts", 0),
        Done("sweep_daily", 0),
        Done("count_scores", 7),
        Done("forget_expired", 0),
        Done("prune_keys", 0),
    ]
    assert not IdempotencyKey.objects.exists()


def test_command_says_what_it_did(order, old_key, capsys):
    complete(order)

    call_command("run_due")

    assert capsys.readouterr().out.splitlines() == [
        "forget_gone: 0",
        "remind_of_glass: 0",
        "seal_log: 3",
        "replay_nightly: 3",
        "deliver_events: 1",
        "erase_waiting: 0",
        "forget_resets: 0",
        "forget_sessions: 0",
        "forget_blocked_texts: 0",
        "sweep_daily: 0",
        "count_scores: 7",
        "forget_expired: 0",
        "prune_keys: 1",
    ]
    assert OutboxEvent.objects.get().sent_at is not None


def test_duty_that_fails_stops_no_other(monkeypatch, old_key, capsys):
    monkeypatch.setattr(apps.get_app_config("outbox"), "due", (f"{__name__}.impossible",))

    with pytest.raises(CommandError):
        call_command("run_due")

    assert capsys.readouterr().out.splitlines() == [
        "forget_gone: 0",
        "remind_of_glass: 0",
        "seal_log: 0",
        "replay_nightly: 0",
        "impossible: failed",
        "erase_waiting: 0",
        "forget_resets: 0",
        "forget_sessions: 0",
        "forget_blocked_texts: 0",
        "sweep_daily: 0",
        "count_scores: 7",
        "forget_expired: 0",
        "prune_keys: 1",
    ]


def test_thread_does_it_again_and_again_whatever_goes_wrong(monkeypatch):
    seen = threading.Semaphore(0)

    def run(*, now):
        seen.release()
        raise OSError("no database")

    monkeypatch.setattr("marketplace.outbox.background.run_due", run)
    monkeypatch.setattr("decisions.background.connections.close_all", lambda: None)
    runner = DueRunner(seconds=0.01)
    runner.start()
    assert [seen.acquire(timeout=60) for _ in range(3)] == [True] * 3
    runner.stop()
    assert not runner.is_alive()


def test_settings_may_leave_it_to_cron(settings):
    settings.COMITY_DUE_SECONDS = 0

    assert start_running_due() is None


def test_importing_django_starts_no_thread():
    assert "due-runner" not in {thread.name for thread in threading.enumerate()}


def test_moment_is_handed_down(monkeypatch, order):
    complete(order)
    run_due(now=NOW)
    assert OutboxEvent.objects.get().sent_at == NOW
