"""SQLite writers are served in order: threads of one process, and a command next to them."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from config.databases import configure_database
from config.sqlite import base, fair_lock
from config.sqlite.fair_lock import FairLock
from marketplace.waiting import MOMENT, Wait, serving

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
        """Runs single statements outside a transaction in another thread while those write."""
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


def test_read_does_not_wait_for_the_lock(counter: dict[str, Any]) -> None:
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
def test_lock_is_released_with_the_transaction(ending: str, counter: dict[str, Any]) -> None:
    first, second = (ConnectionHandler({"default": counter})["default"] for _ in range(2))
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    getattr(first, ending)()
    second.settings_dict["OPTIONS"] = counter["OPTIONS"] | {"timeout": 60}
    second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    second.rollback()
    first.close()
    second.close()


def test_lock_timeout_is_a_locked_database(counter: dict[str, Any]) -> None:
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


def test_fair_lock_is_first_in_first_out() -> None:
    lock, order = FairLock(), []
    assert lock.acquire(Wait(0))
    threads = []
    for number in range(5):
        threads.append(
            threading.Thread(
                target=lambda n=number: (lock.acquire(Wait(60)), order.append(n), lock.release())
            )
        )
        threads[-1].start()
        while len(lock._waiting) <= number:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4]
    assert lock.acquire(Wait(0))


def test_who_gives_up_is_not_waited_for() -> None:
    lock = FairLock()
    lock.acquire(Wait(0))
    assert not lock.acquire(Wait(0.01))
    lock.release()

    assert lock.acquire(Wait(0))


@dataclass
class Crowd:
    """Server threads that all write while another process holds the database."""

    settings: dict[str, Any]
    write: Callable[[Any], None]
    written: int = 0
    refused: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def add(self, count: int) -> None:
        for _ in range(count):
            self.threads.append(threading.Thread(target=self._write))
            self.threads[-1].start()

    @property
    def waiting(self) -> int:
        return sum(thread.is_alive() for thread in self.threads)

    def wait_until(self, waiting: int) -> None:
        deadline = time.monotonic() + 60
        while self.waiting > waiting:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _write(self) -> None:
        connection = ConnectionHandler({"default": self.settings})["default"]
        connection.inc_thread_sharing()
        try:
            with serving():
                self.write(connection)
            self.written += 1
        except OperationalError as error:
            self.refused.append(str(error))
        finally:
            connection.close()


def add_in_transaction(connection: Any) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    add_alone(connection)
    connection.commit()


def add_alone(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET value = value + 1")


def add_many(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE counter SET value = value + %s", [[1], [0]])


@pytest.mark.parametrize("write", [add_in_transaction, add_alone, add_many])
def test_three_of_four_threads_wait_for_a_locked_database(
    counter: dict[str, Any], write: Callable[[Any], None]
) -> None:
    with closing(sqlite3.connect(counter["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        crowd = Crowd(counter, write)
        crowd.add(8)
        crowd.wait_until(waiting=3)
        time.sleep(2 * MOMENT)
        assert crowd.waiting == 3
        assert set(crowd.refused) == {"database is locked, and too many wait for it"}
        other.execute("ROLLBACK")
        crowd.wait_until(waiting=0)

    assert (crowd.written, len(crowd.refused), value_of(counter)) == (3, 5, 3)


@pytest.mark.parametrize("write", [add_in_transaction, add_alone, add_many])
def test_statement_waits_once(
    counter: dict[str, Any], write: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for the threads, then for other processes and then in SQLite would take up to three times as long."""
    waits: list[float] = []

    def count(seconds: float) -> Wait:
        waits.append(seconds)
        return Wait(seconds)

    monkeypatch.setattr(base, "Wait", count)
    connection = ConnectionHandler(
        {"default": counter | {"OPTIONS": counter["OPTIONS"] | {"timeout": 0.05}}}
    )["default"]
    with closing(sqlite3.connect(counter["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with serving(), pytest.raises(OperationalError, match="database is locked"):
            write(connection)
    connection.close()

    assert waits == [0.05]


class Clock:
    """On which no time passes between a hand-over of the lock and whatever is asked next."""

    def __init__(self) -> None:
        self.asked = 0

    def monotonic(self) -> float:
        self.asked += 1
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(fair_lock, "time", clock)
    monkeypatch.setattr(fair_lock, "MOMENT", 0.01)
    return clock


def test_waiters_are_patient_as_long_as_the_lock_changes_hands(clock: Clock) -> None:
    lock, acquired = FairLock(), []

    def wait() -> None:
        with serving(), Wait(60) as waiting:
            acquired.append(lock.acquire(waiting))
            lock.release()

    lock.acquire(Wait(0))
    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while clock.asked < 100 and any(thread.is_alive() for thread in threads):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    lock.release()
    for thread in threads:
        thread.join()

    assert acquired == [True] * 8


def test_nobody_is_refused_while_the_lock_changes_hands(counter: dict[str, Any], clock: Clock) -> None:
    """Twelve writing server threads, and no outside process that holds the database."""
    crowds = []
    for _ in range(10):
        crowds.append(Crowd(counter, add_in_transaction))
        crowds[-1].add(12)
        crowds[-1].wait_until(waiting=0)

    assert [crowd.refused for crowd in crowds] == [[]] * 10
    assert value_of(counter) == 120


def test_others_than_the_server_wait_as_many_as_they_are(counter: dict[str, Any]) -> None:
    with closing(sqlite3.connect(counter["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=lambda: add_in_thread(counter)) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(2 * MOMENT)
        assert all(thread.is_alive() for thread in threads)
        other.execute("ROLLBACK")
        for thread in threads:
            thread.join(60)

    assert value_of(counter) == 8


def add_in_thread(settings: dict[str, Any]) -> None:
    connection = ConnectionHandler({"default": settings})["default"]
    connection.inc_thread_sharing()
    add_in_transaction(connection)
    connection.close()
