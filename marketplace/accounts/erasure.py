"""Erases a person: blanks their texts, keeps sales without their name.

App configurations contribute three hooks. `erases = ("shop.mail.forget",)` takes `user_id` and returns how much it blanked.
`holds_erasure = ("shop.law.open_cases",)` takes `user_id` and returns a sentence per reason to wait. `forgets =
("shop.cache.drop",)`, for apps that copy other apps' texts, takes `kind` and `number` of something erased by itself, such as
"conversation" and 7.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils.module_loading import import_string

from marketplace.accounts.journal import journal, note_erasure, read_journal
from marketplace.accounts.models import ErasureRequest, Token, User
from marketplace.transactions import patiently, write

log = structlog.get_logger(__name__)


CHANGED: Final = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(relname) FROM pg_stat_xact_user_tables
    WHERE n_tup_upd > 0 OR n_tup_del > 0 ORDER BY 1
"""
SAMPLED: Final = """
    SELECT 1 FROM pg_stats WHERE quote_ident(schemaname) || '.' || quote_ident(tablename) = %s LIMIT 1
"""


class ErasureHeld(Exception):
    """Something else must finish first. The request is stored; `manage.py run_due` carries it out then."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class ErasureFailed(Exception):
    """Some accounts could not be erased yet; the log says why."""


def erase_account(*, user_id: int, now: datetime) -> dict[str, int]:
    """Returns how much each part blanked. The account is disabled immediately. Idempotent. Raises User.DoesNotExist or
    ErasureHeld."""
    patiently(lambda: _close(user_id, now), repeatable=True)
    blanked, tables = patiently(lambda: _erase(user_id, now), repeatable=True)
    _empty_write_ahead_log()
    _forget_samples(tables)
    return blanked


@dataclass(frozen=True, slots=True)
class Repeated:
    erased: int
    held: tuple[str, ...]
    """Accounts that something holds up, with the reason."""


def repeat_erasures(*, now: datetime) -> Repeated:
    """Erases the accounts of the journal that the database does not know to be erased. Raises OSError or JournalUnreadable."""
    path = journal()
    erased, held = 0, []
    for entry in dict.fromkeys(read_journal(path) if path and path.exists() else ()):
        known = User.objects.filter(pk=entry.user_id, date_joined=entry.joined)
        if (
            not known.exists()
            or ErasureRequest.objects.filter(user_id=entry.user_id).exclude(done_at=None).exists()
        ):
            continue
        try:
            erase_account(user_id=entry.user_id, now=now)
            erased += 1
        except ErasureHeld as reason:
            held.append(f"user {entry.user_id}: {reason}")
    return Repeated(erased, tuple(held))


def erase_waiting(*, now: datetime) -> int:
    """Erases the waiting accounts that nothing holds any more, and returns their number. Raises ErasureFailed after all have
    been tried."""
    waiting = ErasureRequest.objects.filter(done_at=None).order_by("pk").values_list("user_id", flat=True)
    erased = failed = 0
    for user_id in list(waiting):
        try:
            erased += _erase_if_possible(user_id, now)
        except Exception:
            log.exception("erasure_failed", user_id=user_id)
            failed += 1
    if failed:
        raise ErasureFailed(f"{failed} accounts could not be erased, {erased} were")
    return erased


def forget_copies(*, kind: str, number: int) -> None:
    """Call it in the transaction that erases the original."""
    for forget in _declared("forgets"):
        forget(kind=kind, number=number)


def blank_account(*, user_id: int) -> int:
    """The row stays, since sales refer to it. Personal data is removed, also from the admin's history."""
    user = User.objects.filter(pk=user_id)
    name = f"erased-{user_id}"
    if User.objects.filter(username=name).exclude(pk=user_id).exists():
        name += f"-{secrets.token_hex(8)}"  # nobody delays an erasure by taking the name
    user.update(
        username=name,
        first_name="",
        last_name="",
        email="",
        password=UNUSABLE_PASSWORD_PREFIX,
        last_login=None,
        is_staff=False,
        is_superuser=False,
    )
    named = Q(content_type__app_label="accounts", content_type__model="user", object_id=str(user_id))
    LogEntry.objects.filter(named).update(object_repr=f"erased-{user_id}", change_message="")
    return 1


def _close(user_id: int, now: datetime) -> None:
    with write():
        user = User.objects.select_for_update().get(pk=user_id)
        ErasureRequest.objects.get_or_create(user=user, defaults={"requested_at": now})
        User.objects.filter(pk=user_id).update(is_active=False)
        Token.objects.filter(user_id=user_id).delete()


def _erase_if_possible(user_id: int, now: datetime) -> bool:
    try:
        _, tables = patiently(lambda: _erase(user_id, now), repeatable=True)
        _empty_write_ahead_log()
        _forget_samples(tables)
    except ErasureHeld as held:
        log.info("erasure_waits", user_id=user_id, reasons=held.reasons)
        return False
    return True


def _erase(user_id: int, now: datetime) -> tuple[dict[str, int], list[str]]:
    """One transaction: erasure is all or nothing. Returns how much each part blanked, and on PostgreSQL the tables."""
    with write():
        request = ErasureRequest.objects.select_for_update().get(user_id=user_id)
        if reasons := [reason for hold in _declared("holds_erasure") for reason in hold(user_id=user_id)]:
            raise ErasureHeld(reasons)
        blanked = {blank.__name__: blank(user_id=user_id) for blank in _declared("erases")}
        if ErasureRequest.objects.filter(pk=request.pk, done_at=None).update(done_at=now):
            note_erasure(request.user, now=now)
        tables = _changed_tables()
    log.info("account_erased", user_id=user_id, **blanked)
    return blanked, tables


def _empty_write_ahead_log() -> None:
    """SQLite's log still holds the pages from before the erasure."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone()
    if busy:
        log.warning(
            "erased_pages_stay_for_now",
            hint="a reader kept SQLite's write-ahead log; its next use overwrites it",
        )


def _changed_tables() -> list[str]:
    """By this transaction."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(CHANGED)
        return [name for (name,) in cursor.fetchall()]


def _forget_samples(tables: list[str]) -> None:
    """PostgreSQL's statistics for its planner hold values of each column, erased ones too, until the table is analyzed again."""
    if connection.in_atomic_block:
        return
    for table in tables:
        try:
            with connection.cursor() as cursor:
                cursor.execute(SAMPLED, [table])
                if cursor.fetchone():
                    cursor.execute(f"ANALYZE {table}")
        except DatabaseError as error:
            hint = "run ANALYZE on the table"
            log.warning("erased_samples_stay_for_now", table=table, error=str(error).strip(), hint=hint)


def _declared(attribute: str) -> Iterator[Callable[..., Any]]:
    for config in apps.get_app_configs():
        yield from (import_string(path) for path in getattr(config, attribute, ()))
