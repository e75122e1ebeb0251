"""The database backend: writers of one process queue for a fair lock. All transactions queue, since they are IMMEDIATE, and so
do single statements that write outside of one.

Other processes, such as a command, do not share that lock. They poll every millisecond; SQLite's own busy handler backs off to
100, and would rarely get in between the writes of a busy process.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite.fair_lock import FairLock
from marketplace.waiting import MOMENT, TooManyWaiting, Wait

LOCKED: Final = "database is locked"
CROWDED: Final = "database is locked, and too many wait for it"
POLL_SECONDS: Final = 0.001
WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")
LONGEST_WRITE: Final = max(map(len, WRITES))

_locks: Final[defaultdict[str, FairLock]] = defaultdict(FairLock)
_guard: Final = threading.Lock()


def lock_of(name: str) -> FairLock:
    """One lock per database file in this process."""
    with _guard:
        return _locks[name]


class DatabaseWrapper(base.DatabaseWrapper):
    # The stubs leave out what backends override.

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lock: FairLock | None = None

    def create_cursor(self, name: str | None = None) -> "Cursor":
        cursor: Cursor = self.connection.cursor(factory=lambda connection: Cursor(connection, self))
        return cursor

    def needs_lock(self, query: str) -> bool:
        """A transaction already holds the lock, and reads need none."""
        return not self.connection.in_transaction and query.lstrip()[:LONGEST_WRITE].upper().startswith(
            WRITES
        )

    @contextmanager
    def statement_lock(self) -> Iterator[None]:
        with self._wait() as wait:
            self._acquire_lock(wait)
            try:
                self._await_lock(wait)
            except BaseException:
                self._release_lock()
                raise
        try:
            yield
        finally:
            self._release_lock()

    def _start_transaction_under_autocommit(self) -> None:
        with self._wait() as wait:
            self._acquire_lock(wait)
            try:
                self._begin(wait)
            except BaseException:
                self._release_lock()
                raise

    def _begin(self, wait: Wait) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            self._begin_until(wait)
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {int(self._seconds * 1000)}")

    def _begin_until(self, wait: Wait) -> None:
        began = time.monotonic()
        while True:
            try:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
                return
            except OperationalError as error:
                if str(error) != LOCKED or not wait.left:
                    raise
            if time.monotonic() - began > MOMENT:
                wait.take_place()
            time.sleep(POLL_SECONDS)

    def _await_lock(self, wait: Wait) -> None:
        """Waits here, since SQLite would wait inside the statement, where the wait is not counted and begins anew."""
        self._begin(wait)
        self.connection.execute("ROLLBACK")

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._release_lock()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release_lock()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._release_lock()

    @property
    def _seconds(self) -> float:
        seconds: float = self.settings_dict["OPTIONS"].get("timeout", 5)
        return seconds

    @contextmanager
    def _wait(self) -> Iterator[Wait]:
        try:
            with Wait(self._seconds) as wait:
                yield wait
        except TooManyWaiting:
            raise OperationalError(CROWDED) from None

    def _acquire_lock(self, wait: Wait) -> None:
        lock = lock_of(str(self.settings_dict["NAME"]))
        if not lock.acquire(wait):
            raise OperationalError(LOCKED)
        self._lock = lock

    def _release_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


class Cursor(base.SQLiteCursorWrapper):
    def __init__(self, connection: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if not self._wrapper.needs_lock(query):
            return super().execute(query, params)
        with self._wrapper.statement_lock():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if not self._wrapper.needs_lock(query):
            return super().executemany(query, param_list)
        with self._wrapper.statement_lock():
            return super().executemany(query, param_list)
