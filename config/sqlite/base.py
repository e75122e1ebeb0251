"""What Django loads as the backend: transactions, which are IMMEDIATE and so all may write, wait for their turn, and so
do single statements that write outside of one.

Another process, such as a command line beside the server, knows nothing of those turns. It looks every millisecond,
where SQLite's own waiting looks every 100 after a while, and so hardly ever when a busy process is between two writes.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite.turns import Turns

LOCKED: Final = "database is locked"
POLL_SECONDS: Final = 0.001
WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")

_turns: Final[defaultdict[str, Turns]] = defaultdict(Turns)
_guard: Final = threading.Lock()


def turns_at(name: str) -> Turns:
    """One for each database file of this process."""
    with _guard:
        return _turns[name]


class DatabaseWrapper(base.DatabaseWrapper):
    # The stubs leave out what backends override.

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turns: Turns | None = None

    def create_cursor(self, name: str | None = None) -> "Cursor":
        cursor: Cursor = self.connection.cursor(factory=lambda connection: Cursor(connection, self))
        return cursor

    @contextmanager
    def turn_of_statement(self, query: str) -> Iterator[None]:
        """A transaction has its turn already, and reading needs none."""
        if self.connection.in_transaction or not query.lstrip().upper().startswith(WRITES):
            yield
            return
        self._take_turn(self.settings_dict["OPTIONS"].get("timeout", 5))
        try:
            yield
        finally:
            self._leave_turn()

    def _start_transaction_under_autocommit(self) -> None:
        seconds = self.settings_dict["OPTIONS"].get("timeout", 5)
        deadline = time.monotonic() + seconds
        self._take_turn(seconds)
        try:
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._begin_until(deadline)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        except BaseException:
            self._leave_turn()
            raise

    def _begin_until(self, deadline: float) -> None:
        while True:
            try:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
                return
            except OperationalError as error:
                if str(error) != LOCKED or time.monotonic() >= deadline:
                    raise
            time.sleep(POLL_SECONDS)

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._leave_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave_turn()

    def _take_turn(self, seconds: float) -> None:
        turns = turns_at(str(self.settings_dict["NAME"]))
        if not turns.take(seconds=seconds):
            raise OperationalError(LOCKED)
        self._turns = turns

    def _leave_turn(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.leave()


class Cursor(base.SQLiteCursorWrapper):
    def __init__(self, connection: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        with self._wrapper.turn_of_statement(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._wrapper.turn_of_statement(query):
            return super().executemany(query, param_list)
