"""A server worker starts its threads and survives any header; merely importing Django starts no threads."""

import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.api.test_envelope import UNREADABLE

NAMES = "print(sorted(t.name for t in threading.enumerate() if t is not threading.main_thread()))"
BEGINNINGS = {
    "worker": "import threading, config.wsgi;",
    "command": "import threading, django; django.setup();",
}

# For each content type on standard input, prints the response to a POST.
ANSWERS = """
import sys
from wsgiref.util import setup_testing_defaults
import config.wsgi
for line in sys.stdin:
    request = {"REQUEST_METHOD": "POST", "PATH_INFO": "/assistant/ephemeral/messages", "CONTENT_LENGTH": "2",
               "CONTENT_TYPE": line.rstrip()}
    setup_testing_defaults(request)
    request["HTTP_HOST"] = "localhost"
    config.wsgi.application(request, lambda status, headers: print(status))
"""


def threads_of(beginning: str, tmp_path: Path, **environment: str) -> str:
    return run(BEGINNINGS[beginning] + NAMES, tmp_path, **environment)[-1]


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


@pytest.mark.parametrize(
    ("beginning", "seconds", "threads"),
    [
        ("worker", "60", "['due-runner', 'policy-reloader', 'storage-watch_0']"),
        pytest.param("worker", "0", "['policy-reloader', 'storage-watch_0']", marks=pytest.mark.full),
        ("command", "60", "[]"),
    ],
)
def test_threads_are_those_of_the_server(beginning: str, seconds: str, threads: str, tmp_path: Path) -> None:
    assert threads_of(beginning, tmp_path, COMITY_DUE_SECONDS=seconds) == threads


def test_content_type_that_cannot_be_read_is_no_type_that_is_taken(tmp_path: Path) -> None:
    types = [*UNREADABLE, "application/json"]
    refused = ["415 Unsupported Media Type"] * len(UNREADABLE)
    quiet = {"COMITY_DUE_SECONDS": "0", "COMITY_LOG_STREAM": "stderr"}
    assert run(ANSWERS, tmp_path, said="\n".join(types), **quiet) == [
        *refused,
        f"422 {HTTPStatus(422).phrase}",
    ]
