"""Writers on SQLite are served in order: threads of one process, and a command line beside them."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from config.databases import configure_database
from config.sqlite.turns import Turns

WRITERS = 6
WRITES = 60
STOCK = "django.db.backends.sqlite3"


@dataclass
class Rush:
    """Threads that write as fast as they can, and how many others were served while one waited."""

    settings: dict[str, Any]
    served: int = 0
    overtaken: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    """How many were served while each single statement waited."""
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, writers: int) -> "Rush":
        threads = [threading.Thread(target=self._write_often) for _ in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def _write_often(self) -> None:
        handler = ConnectionHandler({"default": self.settings})
        connection = handler["default"]
        connection.inc_thread_sharing()
        try:
            for _ in range(WRITES):
                self._write(connection)
        except OperationalError as error:
            self.errors.append(error)
        finally:
            connection.close()

    def run_beside(self, writers: int, statement: Callable[[Any], None]) -> "Rush":
        """Another thread has single statements, outside of a transaction, while those write."""
        thread = threading.Thread(target=self._state, args=[statement])
        thread.start()
        self.run(writers)
        self.over.set()
        thread.join()
        return self

    def _state(self, statement: Callable[[Any], None]) -> None:
        connection = ConnectionHandler({"default": self.settings})["default"]
        connection.inc_thread_sharing()
        try:
            while not self.over.is_set():
                served = self.served
                with connection.cursor() as cursor:
                    statement(cursor)
                self.alone.append(self.served - served)
        except OperationalError as error:
            self.errors.append(error)
        finally:
            connection.close()

    def _write(self, connection: Any) -> None:
        served = self.served
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        self.overtaken.append(self.served - served)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE counter SET value = value + 1")
        time.sleep(0.002)
        self.served += 1
        connection.commit()
        connection.set_autocommit(True)


@pytest.fixture(autouse=True)
def databases_of_our_own(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def counter(tmp_path: Path) -> dict[str, Any]:
    """The settings of a database with one number in it."""
    settings = configure_database(f"sqlite:///{tmp_path / 'counter.sqlite3'}")
    connection = ConnectionHandler({"default": settings})["default"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (value INTEGER)")
        cursor.execute("INSERT INTO counter VALUES (0)")
    connection.close()
    return settings


def value_of(settings: dict[str, Any]) -> int:
    connection = ConnectionHandler({"default": settings})["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM counter")
        [value] = cursor.fetchone()
    connection.close()
    return value


def test_nobody_is_overtaken_by_more_than_those_who_came_before(counter: dict[str, Any]) -> None:
    rush = Rush(counter).run(WRITERS)

    assert rush.errors == []
    assert value_of(counter) == WRITERS * WRITES
    assert max(rush.overtaken) <= WRITERS


def test_stock_backend_lets_writers_be_overtaken(counter: dict[str, Any]) -> None:
    rush = Rush(counter | {"ENGINE": STOCK}).run(WRITERS)

    assert max(rush.overtaken) > 2 * WRITERS


def update(cursor: Any) -> None:
    cursor.execute("UPDATE counter SET value = value + 0")


def update_many(cursor: Any) -> None:
    cursor.executemany("UPDATE counter SET value = value + %s", [[0], [0]])


def read(cursor: Any) -> None:
    cursor.execute("SELECT value FROM counter")


@pytest.mark.parametrize("statement", [update, update_many])
def test_statement_outside_of_a_transaction_is_not_overtaken_either(
    counter: dict[str, Any], statement: Callable[[Any], None]
) -> None:
    rush = Rush(counter).run_beside(WRITERS, statement)

    assert rush.errors == []
    assert len(rush.alone) > WRITES // 2
    assert max(rush.alone) <= WRITERS + 1


def test_stock_backend_lets_statements_be_overtaken(counter: dict[str, Any]) -> None:
    rush = Rush(counter | {"ENGINE": STOCK}).run_beside(WRITERS, update)

    assert max(rush.alone) > 2 * WRITERS


def test_reading_waits_for_no_turn(counter: dict[str, Any]) -> None:
    writer, reader = (ConnectionHandler({"default": counter})["default"] for _ in range(2))
    writer.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    reader.settings_dict["OPTIONS"] = counter["OPTIONS"] | {"timeout": 0.05}
    with reader.cursor() as cursor:
        read(cursor)
        with pytest.raises(OperationalError, match="database is locked"):
            update(cursor)
    writer.rollback()
    with reader.cursor() as cursor:
        update(cursor)
    reader.close()
    writer.close()


def test_command_line_beside_a_busy_server_is_served_too(counter: dict[str, Any]) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{counter['NAME']}"}
    command = [sys.executable, "-m", "tests.config.beside", "100"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as beside:
        beside.stdout.readline()
        rush = Rush(counter).run(WRITERS)

    assert (rush.errors, beside.returncode) == ([], 0)
    assert value_of(counter) == WRITERS * WRITES + 100


@pytest.mark.parametrize("ending", ["commit", "rollback", "close"])
def test_turn_ends_with_the_transaction(ending: str, counter: dict[str, Any]) -> None:
    first, second = (ConnectionHandler({"default": counter})["default"] for _ in range(2))
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    getattr(first, ending)()
    second.settings_dict["OPTIONS"] = counter["OPTIONS"] | {"timeout": 60}
    second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    second.rollback()
    first.close()
    second.close()


def test_turn_that_does_not_come_in_time_is_a_locked_database(counter: dict[str, Any]) -> None:
    first, second = (ConnectionHandler({"default": counter})["default"] for _ in range(2))
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    second.settings_dict["OPTIONS"] = counter["OPTIONS"] | {"timeout": 0.05}
    with pytest.raises(OperationalError, match="database is locked"):
        second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.rollback()
    second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    second.rollback()
    first.close()
    second.close()


def test_turns_are_handed_on_in_order() -> None:
    turns, order = Turns(), []
    assert turns.take(seconds=0)
    threads = []
    for number in range(5):
        threads.append(
            threading.Thread(target=lambda n=number: (turns.take(seconds=60), order.append(n), turns.leave()))
        )
        threads[-1].start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.leave()
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4]
    assert turns.take(seconds=0)


def test_who_gives_up_is_not_waited_for() -> None:
    turns = Turns()
    turns.take(seconds=0)
    assert not turns.take(seconds=0.01)
    turns.leave()

    assert turns.take(seconds=0)
