"""A sweep does not trust a clock that may be wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.disputes.retention import clock
from marketplace.disputes.retention.clock import ClockDoubt, choose_moment, database_now
from marketplace.disputes.retention.sweeping import sweep

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shift(monkeypatch):
    """Moves the database's clock ahead; this machine's too, unless only one of them is wrong."""

    def by(database: timedelta, machine: timedelta | None = None) -> None:
        machine = database if machine is None else machine
        now, real = clock.timezone.now, database_now
        monkeypatch.setattr(clock, "database_now", lambda: real() + database)
        monkeypatch.setattr(clock.timezone, "now", lambda: now() + machine)

    return by


def sweep_now(**how: bool) -> None:
    sweep(moment=choose_moment(at=None, confirmed=how.get("confirmed", False)), report=lambda item: None)


def test_database_tells_the_time_in_utc():
    assert abs(database_now() - timezone.now()) < timedelta(seconds=5)
    assert database_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("machine", [timedelta(seconds=70), timedelta(seconds=-70), timedelta(days=100)])
def test_clocks_that_differ_delete_nothing_even_when_confirmed(shift, machine):
    shift(timedelta(0), machine)
    with pytest.raises(ClockDoubt, match="differ by"):
        choose_moment(at=None, confirmed=True)


def test_database_on_this_machine_shares_its_clock():
    """SQLite does, and so does a PostgreSQL behind a Unix socket, as in these tests."""
    assert clock.database_has_own_clock() is False


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("server", "client", "own"),
    [
        ("10.0.0.5", "10.0.0.9", True),
        ("10.0.0.5", "10.0.0.5", False),
        ("127.0.0.1", "127.0.0.1", False),
        (None, None, False),
    ],
)
def test_database_with_another_address_has_its_own_clock(monkeypatch, server, client, own):
    said = f"SELECT COALESCE({_inet(server)} <> {_inet(client)}, false)"
    assert clock.OWN_CLOCK == "SELECT COALESCE(inet_server_addr() <> inet_client_addr(), false)"
    monkeypatch.setattr(clock, "OWN_CLOCK", said)
    assert clock.database_has_own_clock() is own


def _inet(address: str | None) -> str:
    return f"CAST({'NULL' if address is None else repr(address)} AS inet)"


@pytest.mark.parametrize("jump", [timedelta(hours=25, minutes=1), timedelta(days=100), -2 * MINUTE])
def test_jump_that_another_clock_confirms_is_none(shift, monkeypatch, jump):
    monkeypatch.setattr(clock, "database_has_own_clock", lambda: True)
    sweep_now()
    shift(jump)
    sweep_now()


def test_clocks_that_nearly_agree_are_fine(shift):
    shift(timedelta(0), timedelta(seconds=50))
    assert choose_moment(at=None, confirmed=False).rehearsal is False


def test_first_sweep_needs_no_confirmation():
    sweep_now()


@pytest.mark.parametrize("jump", [timedelta(hours=25, minutes=1), timedelta(days=100), -2 * MINUTE])
def test_jump_since_the_last_sweep_needs_a_confirmation(shift, jump):
    sweep_now()
    shift(jump)
    with pytest.raises(ClockDoubt, match="the last sweep"):
        sweep_now()
    sweep_now(confirmed=True)
    sweep_now()


def test_a_day_later_is_no_jump(shift):
    sweep_now()
    shift(timedelta(hours=24, minutes=59))
    sweep_now()


def test_rehearsal_ahead_needs_debug_and_a_confirmation(settings):
    ahead = timezone.now() + timedelta(days=91)
    settings.DEBUG = True
    with pytest.raises(ClockDoubt, match=r"91 days.* after"):
        choose_moment(at=ahead, confirmed=False)
    assert choose_moment(at=ahead, confirmed=True) == clock.Moment(ahead, rehearsal=True)
    settings.DEBUG = False
    with pytest.raises(ClockDoubt, match="too early"):
        choose_moment(at=ahead, confirmed=True)


def test_rehearsal_is_no_last_sweep(settings):
    settings.DEBUG = True
    ahead = timezone.now() + timedelta(days=91)
    sweep(moment=choose_moment(at=ahead, confirmed=True), report=lambda item: None)
    sweep_now()
