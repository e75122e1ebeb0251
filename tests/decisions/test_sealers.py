"""Sealers that meet writers, other sealers and their death leave no gap and no fork."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Max

from decisions import chain
from decisions.chain import seal_log
from decisions.models import DecisionRecord, LogHead
from decisions.outside import read_last_head
from decisions.signing import own_public_key, write_new_key
from decisions.verifying import Verified, verify_log
from tests.conftest import Scale
from tests.decisions.log import fill

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
COLUMNS = "(policy, version, revision, digest, outcome, rule, subject_kind, facts, duration_us, request_id, decided_at)"

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, settings: Any) -> Path:
    """A signing key, and a file that heads are kept in."""
    write_new_key(tmp_path / "log.key")
    settings.COMITY_LOG_KEY = tmp_path / "log.key"
    settings.COMITY_LOG_HEADS = str(tmp_path / "heads")
    return tmp_path / "heads"


def verified(kept: Path) -> Verified:
    return verify_log(key=own_public_key(), outside=read_last_head(kept))


def expect_whole(kept: Path, records: int) -> None:
    heads = list(LogHead.objects.order_by("number").values_list("number", "count"))
    assert [number for number, _ in heads] == list(range(1, len(heads) + 1))
    assert heads[-1][1] == records == DecisionRecord.objects.count()
    assert (verified(kept).problems, verified(kept).unprotected) == ([], 0)


def test_two_sealers_among_writers(scale: Scale, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MOST", 3)
    monkeypatch.setattr(chain, "CHUNK", 2)
    writing, failures, draw = threading.Event(), [], random.Random(20)
    pauses = [[draw.uniform(0, 0.01) for _ in range(scale.races // 2)] for _ in range(3)]

    def write(pauses: list[float]) -> None:
        for pause in pauses:
            with transaction.atomic():
                fill(1)
                time.sleep(pause)  # so that the transactions end in another order than they drew their ids

    def seal() -> None:
        while not writing.is_set():
            seal_log(now=NOW)

    writers = [start(write, failures, own) for own in pauses]
    sealers = [start(seal, failures) for _ in range(2)]
    for thread in writers:
        thread.join()
    writing.set()
    for thread in sealers:
        thread.join()

    seal_log(now=NOW)
    assert failures == []
    expect_whole(kept, sum(map(len, pauses)))


def start(work: Callable[..., None], failures: list[Exception], *arguments: Any) -> threading.Thread:
    def run() -> None:
        try:
            work(*arguments)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@contextmanager
def late_record(database_url: str) -> Iterator[psycopg.Connection]:
    """Not committed yet, but with an id smaller than the next one."""
    with psycopg.connect(database_url) as late:
        late.execute(
            f"INSERT INTO decisions_decisionrecord {COLUMNS} "
            "VALUES ('entry', 1, 0, 'sha256:0', 'allow', 'late', 'lamp', '{}', 1, '', now())"
        )
        yield late


@pytest.mark.postgresql
def test_record_that_commits_late_is_not_skipped(database_url: str, kept: Path) -> None:
    with late_record(database_url) as late:
        fill(1)
        assert seal_log(now=NOW) == 0
        late.commit()
    assert seal_log(now=NOW) == 2
    assert DecisionRecord.objects.order_by("pk").first().rule == "late"
    expect_whole(kept, 2)


@pytest.mark.postgresql
def test_sealer_that_does_not_wait_skips_it(
    database_url: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive twin."""
    monkeypatch.setattr(chain, "settled_id", lambda: DecisionRecord.objects.aggregate(last=Max("pk"))["last"])
    with late_record(database_url) as late:
        fill(1)
        assert seal_log(now=NOW) == 1
        late.commit()
    assert seal_log(now=NOW) == 0
    assert verified(kept).problems != []


@pytest.mark.full_on("postgresql")
def test_sealer_that_is_killed_anywhere(scale: Scale, database_url: str, kept: Path, settings: Any) -> None:
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "COMITY_LOG_KEY": str(settings.COMITY_LOG_KEY),
        "COMITY_LOG_HEADS": str(kept),
    }
    program = [sys.executable, "-m", "tests.decisions.mortal_sealer", str(max(20, scale.kills))]
    ran = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    expect_whole(kept, int(ran.stdout))
