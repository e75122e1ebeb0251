"""Starts `manage.py serve` for tests, in its own session, so that leftover processes are found."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
HANGING_SECONDS = 180
"""Timeout against hanging, even on a slow machine."""
CLIENT = httpx.Client(timeout=HANGING_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))
"""Makes a new connection for each request. `httpx.get` reads all certificates each time, even for `http://`: while a test polls
a server that starts, that would take a whole core."""


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    _load: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def left(self) -> set[int]:
        """Every live process of its session."""
        numbered = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return {pid for pid in numbered if _lives(pid, self.process.pid)}

    def workers(self) -> set[int]:
        return self.left() - {self.process.pid}

    def logged(self, words: str) -> bool:
        return words in self.log.read_text()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """On a new connection, so that any worker may get it."""
        return CLIENT.get(self.address + path, headers=headers)

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return self.get("/healthz").status_code == 200
        return False

    def put_under_load(self, clients: int) -> None:
        """Clients that send requests as long as the server responds, several per connection."""
        self._load = [threading.Thread(target=self._ask) for _ in range(clients)]
        for thread in self._load:
            thread.start()

    def send(self, number: signal.Signals, *, group: bool) -> None:
        (os.killpg if group else os.kill)(self.process.pid, number)

    def stop(self) -> None:
        """Kills whatever is left."""
        self._ended.set()
        for thread in self._load:
            thread.join(HANGING_SECONDS)
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(HANGING_SECONDS)

    def _ask(self) -> None:
        while not self._ended.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            with suppress(OSError, http.client.HTTPException):
                for _ in range(20):
                    connection.request("GET", "/readyz")
                    connection.getresponse().read()
            connection.close()
            self._ended.wait(0.02)


@contextmanager
def serving(
    folder: Path, *, workers: int = 1, ready: bool = True, ignoring: str = "", **environment: str
) -> Iterator[Served]:
    """With only one policy, since each worker compiles them all. `ignoring` is a signal to ignore, as `nohup` and shells do."""
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    shutil.copy(ROOT / "policies" / "inbox_title.yaml", policies)
    port = free_port()
    log = folder / f"log-{port}"
    ignored = ["sh", "-c", f"trap '' {ignoring}; exec \"$@\"", "sh"] if ignoring else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*ignored, sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "COMITY_PORT": str(port),
                "COMITY_WORKERS": str(workers),
                "COMITY_DUE_SECONDS": "0",
                "COMITY_LOG_LEVEL": "ERROR",
                "COMITY_POLICIES_DIR": str(policies),
                "DATABASE_URL": f"sqlite:///{folder / 'empty.sqlite3'}",
                **environment,
            },
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    served = Served(process, port, log)
    try:
        if ready:
            wait_until(served.answers, served)
        yield served
    finally:
        served.stop()


def wait_until(is_so: Callable[[], Any], served: Served, more_seconds: float = 0) -> None:
    deadline = time.monotonic() + (HANGING_SECONDS + more_seconds)
    while not is_so():
        assert time.monotonic() < deadline, served.log.read_text()
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _lives(pid: int, session: int) -> bool:
    try:
        state, _, _, its_session, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    threads = int(rest[13])
    # While other threads of a killed process still end, its first thread is a zombie already but its sockets are open.
    return int(its_session) == session and (state != "Z" or threads > 1)
