"""Starts processes that act at the same moment, and gives them jobs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

Job = tuple[str, int, int, str]


def job(act: str, dispute_id: int, now: datetime, actor_id: int = 0) -> Job:
    return act, actor_id, dispute_id, now.isoformat()


@contextmanager
def racer(environment: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Yields once it is ready."""
    command = [sys.executable, "-m", "tests.marketplace.disputes.racer", *arguments]
    pipe = subprocess.PIPE
    everything = {**os.environ, "COMITY_LOG_LEVEL": "ERROR", **environment}
    with subprocess.Popen(command, env=everything, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def start(process: subprocess.Popen[str], work: Job) -> None:
    process.stdin.write(json.dumps(work) + "\n")


def start_mortal(process: subprocess.Popen[str], work: Job) -> int:
    """The id of the process that runs the job, and may be killed."""
    start(process, work)
    return int(process.stdout.readline())


def finish(process: subprocess.Popen[str]) -> str:
    """The answer; empty if it was killed."""
    return json.loads(process.stdout.readline())
