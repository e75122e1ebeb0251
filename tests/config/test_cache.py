"""The shared cache counts exactly, and entries expire."""

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from api import throttle
from api.problems import Problem
from config.cache import DatabaseCache, configure_cache, forget_expired
from config.checks import check_cache
from config.environment import read_environment
from tests import redis_server
from tests.needs import needs
from tests.serving import HANGING_SECONDS

TIMES = 100
MEMORY = "django.core.cache.backends.locmem.LocMemCache"
REDIS = "django.core.cache.backends.redis.RedisCache"
DATABASE = "config.cache.DatabaseCache"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    needs("redis-server", packages="redis-server")
    with redis_server.running() as url:
        yield url


@pytest.fixture
def store() -> Iterator[DatabaseCache]:
    cache = DatabaseCache("", {})
    cache.clear()
    yield cache
    cache.clear()


class Clock:
    now = 1_000.0

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock.time)
    return clock


def counted(how: str, **environment: str) -> list[int]:
    """The counts of two processes that started at the same moment."""
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.config.counting", how, f"{how}-together", str(TIMES)],
            env={**os.environ, "COMITY_WORKERS": "2", **environment},
            stdin=pipe,
            stdout=pipe,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=HANGING_SECONDS)[0] for process in processes]
    return sorted(int(line) for text in said for line in text.splitlines())


@pytest.mark.full_on("postgresql")
def test_two_processes_count_each_once_in_the_database(database_url: str) -> None:
    assert counted("count", DATABASE_URL=database_url) == list(range(1, 2 * TIMES + 1))


@pytest.mark.full  # Redis counts by itself
def test_two_processes_count_each_once_in_redis(redis_url: str) -> None:
    # On a busy machine Redis may take longer than the server would wait for it.
    patient = f"{redis_url}?socket_timeout={HANGING_SECONDS}"
    assert counted("count", COMITY_CACHE_URL=patient) == list(range(1, 2 * TIMES + 1))


@pytest.mark.full
def test_reading_and_then_writing_counts_too_few(redis_url: str) -> None:
    assert max(counted("naive", COMITY_CACHE_URL=f"{redis_url}?socket_timeout={HANGING_SECONDS}")) < 2 * TIMES


@pytest.mark.django_db
def test_what_is_added_stays_as_it_was_until_its_time_is_over(store: DatabaseCache, clock: Clock) -> None:
    assert [store.add("a", 1, 10), store.add("a", 2, 10), store.get("a")] == [True, False, 1]

    clock.now += 10

    assert (store.get("a"), store.add("a", 3, 10), store.get("a")) == (None, True, 3)


@pytest.mark.django_db
def test_counting_keeps_the_time_that_was_set(store: DatabaseCache, clock: Clock) -> None:
    store.add("a", 1, 10)
    assert [store.incr("a"), store.incr("a", 3)] == [2, 5]

    clock.now += 10

    with pytest.raises(ValueError, match="not found"):
        store.incr("a")


@pytest.mark.django_db
def test_other_operations_are_those_of_any_cache(store: DatabaseCache, clock: Clock) -> None:
    store.set("a", {"b": [True, None, "ü"]}, None)
    assert store.get("a") == {"b": [True, None, "ü"]}
    assert [store.touch("a", 5), store.touch("b", 5)] == [True, False]
    assert [store.get("b"), store.get("b", 7)] == [None, 7]
    clock.now += 5
    assert store.delete("a") is False
    store.set("a", 1)
    assert (store.delete("a"), store.get("a")) == (True, None)


@pytest.mark.django_db
def test_rows_whose_time_is_over_go_with_what_is_due(store: DatabaseCache) -> None:
    store.set("over", 1, 0)
    store.set("still", 1, 60)
    store.set("for-ever", 1, None)

    assert forget_expired(now=timezone.now()) == 1
    assert [store.get(key) for key in ("over", "still", "for-ever")] == [None, 1, 1]


@pytest.mark.parametrize(
    ("url", "workers", "backend"),
    [
        ("", 1, MEMORY),
        ("", 2, DATABASE),
        ("", None, DATABASE),
        ("database://", 1, DATABASE),
        ("redis://cache:6379/1", 1, REDIS),
        ("rediss://cache:6379/1", 4, REDIS),
        ("unix:///run/redis.sock", 4, REDIS),
    ],
)
def test_memory_serves_only_where_one_worker_is_promised(url: str, workers: int | None, backend: str) -> None:
    assert configure_cache(url, workers=workers)["BACKEND"] == backend


@pytest.mark.parametrize(
    "url", ["locmem://", "memory://", "dummy://", "file:///tmp/cache", "redis", "database"]
)
def test_cache_that_is_not_shared_cannot_be_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_CACHE_URL", url)
    with pytest.raises(
        ImproperlyConfigured, match=r"^COMITY_CACHE_URL: .*workers must share a cache, .*: use redis://"
    ):
        read_environment()


@pytest.mark.parametrize(("workers", "problems"), [(1, []), (4, ["comity.E001"]), (None, ["comity.E001"])])
def test_settings_that_put_the_cache_into_each_process_are_refused(
    workers: int | None, problems: list[str], settings: Any
) -> None:
    settings.COMITY_WORKERS = workers
    assert [problem.id for problem in check_cache()] == problems


def test_redis_holds_json_and_no_pickles(redis_url: str, settings: Any) -> None:
    settings.CACHES = {"default": configure_cache(redis_url, workers=4)}
    cache = caches["default"]
    cache.set("text", {"a": "ü"}, 60)
    cache.set("flag", True, 60)
    assert (cache.get("text"), cache.get("flag")) == ({"a": "ü"}, True)
    client = cache._cache.get_client()  # type: ignore[attr-defined]
    assert client.get("comity:1:text") == b'{"a": "\\u00fc"}'
    client.close()


def test_each_worker_counts_alone_while_redis_is_away(tmp_path: Any, settings: Any, monkeypatch: Any) -> None:
    needs("redis-server", packages="redis-server")
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    monkeypatch.setattr(throttle._redis, "back_at", 0.0)
    warnings: list[str] = []
    monkeypatch.setattr(throttle.log, "warning", lambda event, **_: warnings.append(event))
    url = redis_server.url_in(tmp_path)
    settings.CACHES = {"default": configure_cache(url, workers=4), "alone": configure_cache("", workers=1)}
    settings.COMITY_THROTTLES = {"login": "2/hour"}

    with redis_server.start(tmp_path):
        throttle.enforce_rate("login", "bea")
    for _ in range(2):  # one more than the rate, since Redis lost its counts
        throttle.enforce_rate("login", "bea")
    with pytest.raises(Problem):
        throttle.enforce_rate("login", "bea")
    assert warnings == ["rates_counted_alone"]
    assert throttle.shared_problem() == "Redis does not answer: each worker counts rates on its own"

    with redis_server.start(tmp_path):
        clock.now += throttle._REDIS_PAUSE_SECONDS
        throttle.enforce_rate("login", "bea")
        assert throttle.shared_problem() is None
    caches["default"].close()


def test_redis_is_asked_again_although_the_clock_of_the_day_was_set_back(
    redis_url: str, settings: Any, monkeypatch: Any
) -> None:
    day, since_boot = Clock(), Clock()
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=day.time, monotonic=since_boot.time))
    monkeypatch.setattr(throttle._redis, "back_at", 0.0)
    settings.CACHES = {
        "default": configure_cache("unix:///nowhere/redis.sock", workers=4),
        "alone": configure_cache("", workers=1),
    }
    assert throttle.shared_problem() is not None

    settings.CACHES = {"default": configure_cache(redis_url, workers=4)}
    since_boot.now += throttle._REDIS_PAUSE_SECONDS
    day.now -= 500
    assert throttle.shared_problem() is None
    caches["default"].close()


@pytest.mark.parametrize("url", ["", "database://"])
def test_only_redis_is_asked_whether_it_answers(url: str, settings: Any) -> None:
    """Without a database, which this test may not ask."""
    settings.CACHES = {"default": configure_cache(url, workers=1)}
    assert throttle.shared_problem() is None
