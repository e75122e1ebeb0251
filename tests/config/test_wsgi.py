"""A server worker starts its threads and survives any header; merely importing Django starts no threads."""

import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.api.test_envelope import UNREADABLE

NAMES = "print(sorted(t.name for t in threading.enumerate() if t is not threading.main_thread()));"
BEGINNINGS = {
    "worker": "import threading, config.wsgi;",
    "command": "import threading, django; django.setup();",
}

# For each content type on standard input, prints the response to a POST.
ANSWERS = """
import sys
from wsgiref.util import setup_testing_defaults
for line in sys.stdin:
    request = {"REQUEST_METHOD": "POST", "PATH_INFO": "/assistant/ephemeral/messages", "CONTENT_LENGTH": "2",
               "CONTENT_TYPE": line.rstrip()}
    setup_testing_defaults(request)
    request["HTTP_HOST"] = "localhost"
    config.wsgi.application(request, lambda status, headers: print(status))
"""


def run(code: str, tmp_path: Path, *, said: str = "", **environment: str) -> list[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "COMITY_LOG_LEVEL": "ERROR",
        "COMITY_LOG_STREAM": "stderr",  # for example that the database has nothing for a thread to work on
        **environment,
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_worker_starts_its_threads_and_takes_no_content_type_that_cannot_be_read(tmp_path: Path) -> None:
    said = "\n".join([*UNREADABLE, "application/json"])
    code = BEGINNINGS["worker"] + NAMES + ANSWERS
    threads, *answers = run(code, tmp_path, said=said, COMITY_DUE_SECONDS="60")
    assert threads == "['due-runner', 'policy-reloader', 'storage-watch_0']"
    assert answers == [
        *["415 Unsupported Media Type"] * len(UNREADABLE),
        f"422 {HTTPStatus(422).phrase}",
    ]


@pytest.mark.parametrize(
    ("beginning", "seconds", "threads"),
    [
        pytest.param("worker", "0", "['policy-reloader', 'storage-watch_0']", marks=pytest.mark.full),
        ("command", "60", "[]"),
    ],
)
def test_threads_are_those_of_the_process(beginning: str, seconds: str, threads: str, tmp_path: Path) -> None:
    assert run(BEGINNINGS[beginning] + NAMES, tmp_path, COMITY_DUE_SECONDS=seconds) == [threads]
