"""Several workers enforce rates like one, run periodic work once, and report shared metrics."""

import os
import re
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from decisions.background import LEASE_SECONDS
from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from tests.config.test_cache import redis_url as redis_url
from tests.conftest import SIZE
from tests.serving import CLIENT, HANGING_SECONDS, ROOT, Served, serving, wait_until

WORKERS = 4 if SIZE == "full" else 2
RATE = 20
LOGINS = 5
HEALTHY = re.compile(
    r'^comity_http_requests_total{method="GET",route="healthz",status="200"} (.*)$', re.MULTILINE
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.full_on("sqlite")
@pytest.mark.parametrize("store", ["database", pytest.param("redis", marks=pytest.mark.full)])
def test_several_workers_let_pass_as_much_as_one(
    store: str, database_url: str, tmp_path: Any, request: Any
) -> None:
    cache = {"COMITY_CACHE_URL": request.getfixturevalue("redis_url")} if store == "redis" else {}
    rates = {"COMITY_THROTTLE_READ": f"{RATE}/hour", "COMITY_THROTTLE_LOGIN": f"{LOGINS}/hour"}
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    with serving(tmp_path, workers=WORKERS, DATABASE_URL=database_url, **cache, **rates, **metrics) as served:
        wait_until(lambda: all(served.logged(f"Started worker-{n + 1}") for n in range(WORKERS)), served)
        hour = None
        while hour != this_hour():  # a new window lets more pass
            hour = this_hour()
            user = User.objects.create_user(
                f"bea{hour}", password="not the one that is tried", role=Role.BUYER
            )
            token = issue_token(user=user, now=timezone.now())
            reads = Counter(read(served, token) for _ in range(3 * RATE))
            logins = Counter(sign_in(served, user.username) for _ in range(3 * LOGINS))

    assert reads == {200: RATE, 429: 2 * RATE}
    assert logins == {401: LOGINS, 429: 2 * LOGINS}
    assert (
        len(list((tmp_path / "metrics").glob("counter_*.db"))) == WORKERS
    )  # and the master's, which is empty


def this_hour() -> int:
    return int(datetime.now(UTC).timestamp() // 3600)


def read(served: Served, token: str) -> int:
    return served.get("/api/v1/products", Authorization=f"Bearer {token}").status_code


def sign_in(served: Served, username: str) -> int:
    body = {"username": username, "password": "wrong"}
    return CLIENT.post(f"{served.address}/api/auth/tokens", json=body).status_code


def test_any_worker_tells_what_all_of_them_counted_and_a_killed_one_is_replaced(tmp_path: Any) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").touch()  # of an earlier server
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "COMITY_POLICIES_DIR": str(ROOT / "policies")}
    with serving(tmp_path, workers=WORKERS, **environment) as served:
        wait_until(lambda: all(served.logged(f"Started worker-{n + 1}") for n in range(WORKERS)), served)
        before = healthy(served)
        for _ in range(60):
            assert served.get("/healthz").status_code == 200
        assert {healthy(served) for _ in range(10)} == {before + 60}

        metrics = served.get("/metrics").text
        assert "pid=" not in metrics
        assert "\ncomity_policies_broken 0.0\n" in metrics
        assert '\ncomity_bundle_info{digest="sha256:' in metrics
        first = served.workers()
        gauges = {worker: folder / f"gauge_livemax_{worker}.db" for worker in first}
        killed = min(worker for worker, file in gauges.items() if file.exists())
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in served.left(), served)
        wait_until(lambda: len(served.workers() - first) == 1, served)

        wait_until(served.answers, served)
        assert healthy(served) >= before + 60
        assert not gauges[killed].exists()
        assert len(list(folder.glob("gauge_livemax_*.db"))) >= WORKERS - 1
        served.send(signal.SIGTERM, group=True)
        served.process.wait(HANGING_SECONDS)
        assert served.left() == set()


def healthy(served: Served) -> float:
    [value] = HEALTHY.findall(served.get("/metrics").text)
    return float(value)


@pytest.fixture
def duty(database_url: str, tmp_path: Path) -> dict[str, str]:
    settings, notes = "tests.config.settings_counted_duty", str(tmp_path / "notes")
    return {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": settings, "DUTY_NOTES": notes}


@pytest.mark.django_db(transaction=True)
@pytest.mark.full  # tests/decisions/test_background.py shows it for threads
def test_what_is_due_is_done_by_one_worker(duty: dict[str, str], tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with serving(tmp_path, workers=WORKERS, COMITY_DUE_SECONDS="3600", **duty) as served:
        wait_until(lambda: all(served.logged(f"Started worker-{n + 1}") for n in range(WORKERS)), served)
        wait_until(lambda: done(notes), served)
        assert len(done(notes)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.full_on("postgresql")
def test_what_is_due_is_done_by_another_worker_when_one_dies(duty: dict[str, str], tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with serving(tmp_path, workers=2, COMITY_DUE_SECONDS="2", **duty) as served:
        wait_until(lambda: len(done(notes)) >= 2, served)
        wait_until(is_resting, served)  # otherwise a killed worker keeps its turn until its lease expires
        leader = done(notes)[-1]
        os.kill(leader, signal.SIGKILL)
        wait_until(lambda: done(notes)[-1] != leader, served, more_seconds=LEASE_SECONDS)


def is_resting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires_at FROM comity_cache WHERE key LIKE %s", ["%turn:due-runner"])
        rows = cursor.fetchall()
    return bool(rows) and rows[0][0] < (timezone.now() + timedelta(seconds=LEASE_SECONDS / 2)).timestamp()


def done(notes: Path) -> list[int]:
    """By which processes, in order."""
    return [int(line) for line in notes.read_text().splitlines()] if notes.exists() else []
