"""A temporary Redis on a Unix socket for a `with` block."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

START_SECONDS = 180


@contextmanager
def running() -> Iterator[str]:
    """Yields its URL."""
    folder = Path(tempfile.mkdtemp(prefix="comity-redis-"))
    try:
        with start(folder):
            yield url_in(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def url_in(folder: Path) -> str:
    return f"unix://{folder / 'redis.sock'}"


@contextmanager
def start(folder: Path) -> Iterator[None]:
    options = {
        "port": "0",
        "unixsocket": str(folder / "redis.sock"),
        "save": "",
        "appendonly": "no",
        "dir": str(folder),
    }
    command = ["redis-server", *(word for name, value in options.items() for word in (f"--{name}", value))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_ready(process, folder)
        yield
    finally:
        process.kill()
        process.wait(START_SECONDS)


def _wait_until_ready(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(url_in(folder)) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
