"""Chooses the current time for a sweep, and detects when the clock cannot be trusted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from marketplace.disputes.models import SweepRun

MAX_SKEW = timedelta(seconds=60)
MAX_JUMP = timedelta(hours=25)
OWN_CLOCK = "SELECT COALESCE(inet_server_addr() <> inet_client_addr(), false)"
"""Whether the server is on another machine. A Unix socket connection has no address."""
QUERIES = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    "postgresql": "SELECT clock_timestamp()",
}


class ClockDoubt(Exception):
    """Nothing is deleted, since the time may be wrong. `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    rehearsal: bool


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[connection.vendor])
        (now,) = cursor.fetchone()
    return datetime.fromisoformat(now) if isinstance(now, str) else now.astimezone(UTC)


def database_has_own_clock() -> bool:
    """SQLite and a local PostgreSQL share our clock, so they cannot confirm it."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(OWN_CLOCK)
        (own,) = cursor.fetchone()
    return bool(own)


def choose_moment(*, at: datetime | None, confirmed: bool) -> Moment:
    """The database's time, or `at` for a rehearsal. Raises ClockDoubt."""
    now = database_now()
    skew = abs(timezone.now() - now)
    if skew > MAX_SKEW:
        raise ClockDoubt(
            f"the clocks of this machine and of the database differ by {skew.total_seconds():.0f} seconds",
            "set the clocks right; nothing is deleted until they agree",
        )
    if at is None:
        # An apparent jump is just an outage if two clocks agree.
        _check_jump(now, since=last_run(), confirmed=confirmed or database_has_own_clock())
        return Moment(now, rehearsal=False)
    if at > now + MAX_SKEW and not settings.DEBUG:
        raise ClockDoubt(
            f"`{at.isoformat()}` is in the future, so media would be deleted too early",
            "`retention plan --at` shows what would be deleted; a rehearsal needs COMITY_DEBUG=true",
        )
    if at > now:
        _check_jump(at, since=now, confirmed=confirmed)
    return Moment(at, rehearsal=True)


def last_run() -> datetime | None:
    last = SweepRun.objects.filter(rehearsal=False).order_by("-pk").first()
    return last.at if last else None


def _check_jump(moment: datetime, *, since: datetime | None, confirmed: bool) -> None:
    if since is None or confirmed or -MAX_SKEW <= moment - since <= MAX_JUMP:
        return
    way = "after" if moment > since else "before"
    distance = timedelta(seconds=round(abs(moment - since).total_seconds()))
    raise ClockDoubt(
        f"`{moment.isoformat(timespec='seconds')}` is {distance} {way} the last sweep or now",
        "look at `retention plan`; if the clock is right, run `retention sweep --confirm`",
    )
