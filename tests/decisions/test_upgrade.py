"""Records of an earlier build keep working after the upgrade, and say what they lack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.decisions.upgraded import CHAT, TITLE

NAME = "comity_upgrade"


@pytest.fixture
def fresh_database_url(database_url: str, tmp_path: Path):
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.sqlite3'}"
        return
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {NAME}")
        yield database_url.rpartition("/")[0] + f"/{NAME}"
        server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.mark.full
def test_records_of_an_earlier_build_keep_working(fresh_database_url: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": fresh_database_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "COMITY_LOG_LEVEL": "ERROR",
        "COMITY_LOG_STREAM": "stderr",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.decisions.upgraded"], env=environment, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
    lacks = "not-replayable: the text of its policies is not stored"
    unsealed = "not-replayable: its private facts were recorded before they were sealed"
    assert json.loads(ran.stdout) == {
        "records": 26,
        "facts": [json.loads(CHAT), json.loads(TITLE)],
        "keys": 1,
        "missing triggers": [],
        "sealed": 33,
        "before the erasure": {lacks: 24, unsealed: 1, "same": 8},
        "after it": {lacks: 24, unsealed: 1, "same": 7, "not-replayable: erased": 1},
        "problems": [],
    }
