"""The worker of the server starts its threads; a process that merely imports Django starts none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = "print(sorted(t.name for t in threading.enumerate() if t is not threading.main_thread()))"
BEGINNINGS = {
    "worker": "import threading, config.wsgi;",
    "command": "import threading, django; django.setup();",
}


def threads_of(beginning: str, tmp_path: Path, **environment: str) -> str:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "COMITY_LOG_LEVEL": "ERROR",
        "COMITY_LOG_STREAM": "stderr",  # such as that there is nothing in the database that a thread could work on
        **environment,
    }
    command = [sys.executable, "-c", BEGINNINGS[beginning] + NAMES]
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("beginning", "seconds", "threads"),
    [
        ("worker", "60", "['due-runner', 'policy-reloader', 'storage-watch_0']"),
        ("worker", "0", "['policy-reloader', 'storage-watch_0']"),
        ("command", "60", "[]"),
    ],
)
def test_threads_are_those_of_the_server(beginning: str, seconds: str, threads: str, tmp_path: Path) -> None:
    assert threads_of(beginning, tmp_path, COMITY_DUE_SECONDS=seconds) == threads
