"""How services write: in one transaction, which a caller may enclose in a longer one, and once more where the
database asks for that."""

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
"""Seconds, at most, before the second, third and fourth attempt."""

UNDONE: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock
GONE: Final = frozenset({None, "57P01", "57P02", "57P03"})  # no word from the server, or that it stops


class CommitUncertain(OperationalError):
    """The connection was lost while committing: nobody knows whether the transaction counts."""


class Enclosure:
    """A transaction that goes on after the service's own part of it, until whoever made it commits or abandons
    it. It begins with the first `write()`, so that slow work before that holds no lock; `opening` runs first.
    `stepping` runs first in each `write(step=…)`, which commits by itself."""

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
        """Whether nothing but the part that failed is lost by it."""
        if self._parts:
            return False
        self.abandon()
        return True


_enclosure: ContextVar[Enclosure | None] = ContextVar("enclosure", default=None)


@contextmanager
def enclosed(enclosure: Enclosure) -> Iterator[None]:
    """Every `write()` inside is part of its transaction, which is abandoned here unless it was committed."""
    token = _enclosure.set(enclosure)
    try:
        yield
    finally:
        _enclosure.reset(token)
        enclosure.abandon()


@contextmanager
def write(*, step: timedelta | None = None) -> Iterator[None]:
    """The transaction of one service function. Committed when the block ends, or with its enclosure.

    Work that cannot be one transaction, such as an upload to a storage, is done in steps: each but the last says
    how long it takes from here to the next, at most, and is committed when its block ends. What others see of it
    belongs into the last.
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
            yield
            written = True
    except (OperationalError, InterfaceError) as error:
        if written:
            raise CommitUncertain(*error.args) from error
        raise


def patiently(
    attempt: Callable[[], Answer], *, guard: Guard | None = None, repeatable: bool = False
) -> Answer:
    """Runs a whole transaction, at most four times in all: again where the database undid it or went away, and
    once more where another transaction won the race for `guard`, so that the policy decides on fresh facts.
    `repeatable` says that doing it twice is the same as once: then a commit of unknown end is repeated too.

    Raises Refused when the guard stops the repetition too.
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
                connection.close_if_unusable_or_obsolete()  # or the next attempt gets the connection that was lost
            time.sleep(random.uniform(pause / 2, pause))
    raise AssertionError("the last attempt returns or raises")


def _can_start_again() -> bool:
    enclosure = _enclosure.get()
    return enclosure is None or enclosure.start_again()


def _may_pass(error: Exception, repeatable: bool) -> bool:
    """SQLite undoes nothing by itself, and waits by its own time-out."""
    if connection.vendor != "postgresql":
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in UNDONE or (state in GONE and (repeatable or not isinstance(error, CommitUncertain)))
