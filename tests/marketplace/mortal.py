"""Confirms orders in child processes that are killed at a chosen point: `python -m tests.marketplace.mortal`.

Reads one [actor id, order id, point] per line and answers the number of points that the child passed, or null if it was killed.
Points are before and after each statement and the commit; at `point` the child kills itself with SIGKILL.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from decisions import bundles  # noqa: E402
from marketplace.accounts.models import User  # noqa: E402
from marketplace.orders.services import confirm  # noqa: E402


class Points:
    def __init__(self, deadly: int) -> None:
        self.deadly = deadly
        self.passed = 0

    def pass_by(self) -> None:
        if self.passed == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def around(self, step: Callable[..., Any], *arguments: Any) -> Any:
        self.pass_by()
        answer = step(*arguments)
        self.pass_by()
        return answer


def confirm_and_die(actor_id: int, order_id: int, deadly: int) -> int:
    actor = User.objects.get(pk=actor_id)
    points = Points(deadly)
    commit = connection._commit
    connection._commit = lambda: points.around(commit)
    with connection.execute_wrapper(lambda execute, *call: points.around(execute, *call)):
        confirm(actor=actor, order_id=order_id, now=timezone.now())
    return points.passed


def in_a_child(act: Callable[..., int], *job: Any) -> int | None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(act(*job)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        answer = said.read()
    return None if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else int(answer)


def say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    bundles.in_force()
    say("ready")
    for line in sys.stdin:
        say(in_a_child(confirm_and_die, *json.loads(line)))
