"""What Django loads as the backend: transactions, which are IMMEDIATE and so all may write, wait for their turn.

Other processes, such as a command line beside the server, are waited for by SQLite's own time-out.
"""

import threading
from collections import defaultdict
from typing import Any, Final

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite.turns import Turns

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

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_turn()
            raise

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

    def _take_turn(self) -> None:
        turns = turns_at(str(self.settings_dict["NAME"]))
        if not turns.take(seconds=self.settings_dict["OPTIONS"].get("timeout", 5)):
            raise OperationalError("database is locked")
        self._turns = turns

    def _leave_turn(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.leave()
