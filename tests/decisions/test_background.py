"""Threads of several workers that share a task."""

import threading
from collections.abc import Iterator

import pytest
from django.core.cache import cache, caches
from django.db import connections

from config.cache import DatabaseCache
from decisions import background
from decisions.background import LEASE_SECONDS, Shared

SECONDS = 60.0


class Looker(Shared):
    def __init__(self) -> None:
        super().__init__(name="looker", seconds=SECONDS)
        self.looks = 0

    def look(self) -> None:
        self.looks += 1

    def wake(self) -> int:
        self._look_and_survive()
        return self.looks


class Mortal(Looker):
    """Dies during its turn."""

    def _rest(self) -> None:
        pass


class Clock:
    now = 1_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr("time.time", clock.time)
    monkeypatch.setattr(background.connections, "close_all", lambda: None)
    cache.clear()
    yield clock
    cache.clear()


def test_one_of_them_looks_in_each_round(clock: Clock) -> None:
    one, other = Looker(), Looker()
    assert [one.wake(), other.wake(), one.wake()] == [1, 0, 1]

    clock.now += SECONDS

    assert [other.wake(), one.wake()] == [1, 1]


def test_who_was_killed_while_it_looked_is_replaced(clock: Clock) -> None:
    killed, other = Mortal(), Looker()
    assert [killed.wake(), other.wake()] == [1, 0]

    clock.now += LEASE_SECONDS

    assert other.wake() == 1


def test_clock_that_is_set_back_stops_nobody(clock: Clock) -> None:
    clock.now += 36_000
    one, other = Looker(), Looker()
    assert one.wake() == 1

    clock.now -= 36_000

    assert [one.wake(), other.wake()] == [2, 0]
    clock.now += SECONDS
    assert other.wake() == 1


def test_clock_of_another_server_may_be_a_little_ahead(clock: Clock) -> None:
    clock.now += 30
    assert Looker().wake() == 1

    clock.now -= 30

    assert Looker().wake() == 0


def test_twice_is_better_than_never(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise ConnectionError("no cache")

    monkeypatch.setattr(cache, "add", refuse)
    assert [Looker().wake(), Looker().wake()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_one_of_several_that_wake_at_once_looks(monkeypatch: pytest.MonkeyPatch, scale: object) -> None:
    shared = DatabaseCache("", {})
    shared.clear()
    monkeypatch.setattr(background, "cache", shared)
    assert [looks_of_a_race(Looker) for _ in range(scale.races)] == [1] * scale.races  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_without_a_turn_all_of_them_look() -> None:
    assert looks_of_a_race(type("Naive", (Looker,), {"_take_turn": lambda self: True})) > 1


def looks_of_a_race(kind: type[Looker]) -> int:
    DatabaseCache("", {}).clear()
    lookers = [kind() for _ in range(4)]
    ready = threading.Barrier(len(lookers))

    def wake(looker: Looker) -> None:
        ready.wait()
        looker.wake()

    threads = [threading.Thread(target=wake, args=(looker,)) for looker in lookers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connections.close_all()
    caches.close_all()
    return sum(looker.looks for looker in lookers)
