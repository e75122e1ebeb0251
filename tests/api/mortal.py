"""Uploads files under idempotency keys in child processes that are killed at a chosen point: `python -m tests.api.mortal`.

Reads one [token, path, key, point] per line and answers like tests.marketplace.mortal. Points are before and after each
statement, each commit, and storing the object.
"""

import json
import os
import sys
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from decisions import bundles  # noqa: E402
from marketplace.disputes.media import uploading  # noqa: E402
from marketplace.disputes.storage.store import open_store  # noqa: E402
from tests.api.callers import Caller  # noqa: E402
from tests.api.forms import send_file  # noqa: E402
from tests.api.hostile_files import PDF  # noqa: E402
from tests.marketplace.mortal import Points, in_a_child, say  # noqa: E402


def upload_and_die(token: str, path: str, key: str, deadly: int) -> int:
    points = Points(deadly)
    caller = Caller(token=token, client=Client(SERVER_NAME="localhost"))
    store = type(open_store())
    put, commit = store.put, connection._commit
    store.put = lambda *given, **named: points.around(lambda: put(*given, **named))
    connection._commit = lambda: points.around(commit)
    with connection.execute_wrapper(lambda execute, *call: points.around(execute, *call)):
        send_file(caller, path, PDF, "receipt.pdf", key=key)
    return points.passed


if __name__ == "__main__":
    uploading.SLACK = timedelta(minutes=8)  # or the test finds the key free already on a slow machine
    bundles.in_force()
    say("ready")
    for line in sys.stdin:
        say(in_a_child(upload_and_die, *json.loads(line)))
