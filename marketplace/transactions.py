"""Transactions for services: nestable in a longer one, and retried when the database asks for it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from typing import Final, TypeVar

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.transaction import Atomic

from marketplace.guards import Guard

Answer = TypeVar("Answer")

PAUSES: Final = (0.05, 0.1, 0.2)
"""Maximum seconds before the second, third and fourth attempt."""

UNDONE: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock
GONE: Final = frozenset({None, "57P01", "57P02", "57P03"})  # connection lost, or server shutting down


class CommitUncertain(OperationalError):
    """The connection was lost during the commit: it is unknown whether the transaction took effect."""


class Enclosure:
    """A transaction that continues after the service's part, until its creator commits or rolls back. It begins with the first
    `write()`, so that slow work before that holds no lock; `opening` runs first. `stepping` runs first in each `write(step=…)`,
    which commits by itself."""

    def __init__(self, opening: Callable[[], None], stepping: Callable[[timedelta], None]) -> None:
        self._opening = opening
        self.stepping = stepping
        self._outer: Atomic | None = None
        self._parts = 0

    @property
    def is_open(self) -> bool:
        return self._outer is not None

    def open(self) -> None:
        if self._outer is None:
            outer = transaction.atomic(durable=True)
            outer.__enter__()
            self._outer = outer
            self._opening()

    @contextmanager
    def part(self) -> Iterator[None]:
        self.open()
        with transaction.atomic():
            yield
        self._parts += 1

    def commit(self) -> None:
        outer, self._outer = self._outer, None
        if outer is not None:
            outer.__exit__(None, None, None)

    def abandon(self) -> None:
        outer, self._outer = self._outer, None
        if outer is not None:
            transaction.set_rollback(True)
            with suppress(DatabaseError, InterfaceError):  # the server is gone, and the transaction with it
                outer.__exit__(None, None, None)

    def start_again(self) -> bool:
        """Whether only the failed part is lost."""
        if self._parts:
            return False
        self.abandon()
        return True


_enclosure: ContextVar[Enclosure | None] = ContextVar("enclosure", default=None)
_checks: ContextVar[list[Callable[[], None]] | None] = ContextVar("checks", default=None)


@contextmanager
def checking_writes() -> Iterator[None]:
    """Inside, `check_writes` adds checks; they end with the block."""
    token = _checks.set([])
    try:
        yield
    finally:
        _checks.reset(token)


def check_writes(check: Callable[[], None]) -> None:
    """Run `check` first in each transaction of `write()`. An enclosure makes its own checks."""
    checks = _checks.get()
    if checks is not None:
        checks.append(check)


@contextmanager
def enclosed(enclosure: Enclosure) -> Iterator[None]:
    """Every `write()` inside becomes part of one transaction, which is rolled back here unless it was committed."""
    token = _enclosure.set(enclosure)
    try:
        yield
    finally:
        _enclosure.reset(token)
        enclosure.abandon()


@contextmanager
def write(*, step: timedelta | None = None) -> Iterator[None]:
    """The transaction of one service function. Committed when the block ends, or with its enclosure.

    Work that does not fit into one transaction, such as an upload to a storage, is done in steps. Each step but the last states
    the maximum time until the next one, and is committed when its block ends. Anything visible to others belongs into the last
    step.
    """
    enclosure = _enclosure.get()
    if enclosure is not None and step is None:
        with enclosure.part():
            yield
        return
    written = False
    try:
        with transaction.atomic(durable=True):
            if enclosure is not None and step is not None:
                enclosure.stepping(step)
            else:
                _check_write()
            yield
            written = True
    except (OperationalError, InterfaceError) as error:
        if written:
            raise CommitUncertain(*error.args) from error
        raise


def patiently(
    attempt: Callable[[], Answer], *, guard: Guard | None = None, repeatable: bool = False
) -> Answer:
    """Runs a whole transaction, with at most four attempts: again if the database rolled it back or disconnected, and once more
    if another transaction won the race for `guard`, so that the policy decides on fresh facts. `repeatable` says that the work
    is idempotent: then it is also repeated after an uncertain commit.

    Raises Refused if the guard also stops the repetition.
    """
    has_lost = False
    for pause in (*PAUSES, None):
        try:
            return attempt()
        except IntegrityError as error:
            if guard is None or not guard.stopped(error):
                raise
            if has_lost or pause is None:
                raise guard.refusal() from error
            has_lost = True
        except (OperationalError, InterfaceError) as error:
            if pause is None or not (_may_pass(error, repeatable) and _can_start_again()):
                raise
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()  # or the next attempt gets the lost connection
            time.sleep(random.uniform(pause / 2, pause))
    raise AssertionError("the last attempt returns or raises")


def _check_write() -> None:
    for check in _checks.get() or ():
        check()


def _can_start_again() -> bool:
    enclosure = _enclosure.get()
    return enclosure is None or enclosure.start_again()


def _may_pass(error: Exception, repeatable: bool) -> bool:
    """SQLite rolls nothing back by itself, and has its own timeout for locks."""
    if connection.vendor != "postgresql":
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in UNDONE or (state in GONE and (repeatable or not isinstance(error, CommitUncertain)))
