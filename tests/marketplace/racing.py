"""Two processes that use the database of the running test at the same moment."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Job = tuple[str, int, int] | tuple[str, int, int, str]
"""An act of tests.marketplace.racer, the actor's id, the target's id, and the moment if it is about a dispute."""
Race = Callable[[Job, Job], tuple[str, str]]


@contextmanager
def racer(database_url: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "COMITY_LOG_LEVEL": "ERROR",
        "COMITY_THROTTLE_WRITE": "100000/min",
    }
    command = [sys.executable, "-m", "tests.marketplace.racer"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.stdin.close()
            process.wait(timeout=60)
