"""The server behind `manage.py serve`: a granian master and workers that stop on a signal, or when the master ends.

granian installs a worker's signal handlers late, its stop can hang if two signals reach a worker, as after Ctrl-C, and its
handlers take a lock that the interrupted code may hold. So no handler runs from the first worker on: signals are blocked, and a
thread in each process waits for them. An alarm ends a worker that does not stop in time.
"""

import atexit
import errno
import fcntl
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.server.mp import MPServer

STOP_SECONDS: Final = 5
"""How long requests in progress may take after a stop signal."""
LOOK_SECONDS: Final = 0.2
SIGNALS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
FOLDERS: Final = "comity-metrics-"
"""The prefix of metrics folders that `serve` creates if none is configured."""
COUNTED: Final = re.compile(r"(counter|summary|histogram|gauge_[a-z]+)_[0-9]+\.db")
"""The file name that the Prometheus client uses for a metric kind and a process."""

_own_folders: Final[list[str]] = []
"""Folders that `prepare` created, as opposed to a configured one."""


HINTS: Final = {
    errno.EADDRINUSE: "stop what listens there, or set COMITY_PORT",
    errno.EACCES: "set COMITY_PORT to 1024 or above",
    errno.EADDRNOTAVAIL: "set COMITY_HOST to an address of this machine",
}


class PortTaken(Exception):
    """Says in one sentence which address is taken. The hint may be empty."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def prepare() -> None:
    """Call this before other imports: the Prometheus client reads its folder from the environment at import."""
    for number in _heard():
        signal.signal(number, _leave)
    workers = os.environ.setdefault("COMITY_WORKERS", "1")
    if METRICS in os.environ:
        Path(os.environ[METRICS]).mkdir(parents=True, exist_ok=True)
    elif workers != "1":
        _remove_left_folders()
        os.environ[METRICS] = str(_make_folder())
        _own_folders.append(os.environ[METRICS])
        atexit.register(shutil.rmtree, os.environ[METRICS], ignore_errors=True)


def serve() -> None:
    """Runs until a signal. Raises PortTaken before anything is started."""
    with hold_port(settings.COMITY_HOST, settings.COMITY_PORT):
        if METRICS in os.environ:
            forget_metrics(Path(os.environ[METRICS]))
        server = MPServer(
            "config.wsgi:application",
            address=settings.COMITY_HOST,
            port=settings.COMITY_PORT,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,  # with automatic version detection it waits forever for a first byte
            websockets=False,
            workers=settings.COMITY_WORKERS or 1,
            blocking_threads=settings.COMITY_THREADS,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS + 1,
        )
        stopping = _stop_by_signal(server)
        try:
            server.serve(target_loader=Load(os.getpid(), _own_folders), wrap_loader=False)
        except SystemExit:
            # A worker that heard the signal before the master did counts as one that failed.
            if not stopping.is_set():
                raise


def hold_port(host: str, port: int) -> socket.socket:
    """Keeps other servers off the port while workers listen on it.

    Workers share a port by SO_REUSEPORT, and so would the workers of two servers. This socket binds the port without it, which
    fails if the port is taken, and then enables it for the workers; it never listens itself.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Otherwise connections in TIME_WAIT would block the port.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        held.close()
        reason = os.strerror(error.errno or 0).lower()
        message = f"cannot listen on {host}, port {port}: {reason}"
        raise PortTaken(message, HINTS.get(error.errno or 0, "")) from error
    return held


def forget_metrics(folder: Path) -> None:
    """Delete the metric files of earlier workers, and nothing else: an operator chose the folder."""
    for file in folder.iterdir():
        if COUNTED.fullmatch(file.name):
            file.unlink()


def _make_folder() -> Path:
    """Locked as long as a process of this server lives, so that a later server can recognize leftover folders."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=FOLDERS))
        with suppress(FileNotFoundError):  # removed as a leftover before it was locked
            fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_SH)
            if folder.exists():
                return folder


def _remove_left_folders() -> None:
    """Removes folders of servers that were killed together with their workers."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            finally:
                os.close(descriptor)


class Load:
    """A worker's startup code. A class, since it is pickled on platforms without fork."""

    def __init__(self, master: int, own_folders: list[str]) -> None:
        self._master = master
        self._own_folders = own_folders

    def __call__(self) -> Callable[..., Any]:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        threading.Thread(target=self._follow, name="follow-master", daemon=True).start()
        from config.wsgi import application

        return application

    def _follow(self) -> None:
        inherited = signal.getsignal(signal.SIGTERM)
        while signal.SIGTERM not in signal.sigpending() and os.getppid() == self._master:
            time.sleep(LOOK_SECONDS)
        if os.getppid() != self._master:  # it was killed, and cannot clean up
            for folder in self._own_folders:
                shutil.rmtree(folder, ignore_errors=True)
        signal.alarm(STOP_SECONDS)  # by default it ends the process, whatever its threads do
        stop = signal.getsignal(signal.SIGTERM)
        if stop == inherited or not callable(stop):
            os._exit(0)  # not serving yet
        stop(signal.SIGTERM, None)


def _stop_by_signal(server: MPServer) -> threading.Event:
    """Workers inherit the blocked signals, and so lose none while they start. Return an event that a signal sets."""
    heard = _heard()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    stopping = threading.Event()

    def wait() -> None:
        signal.sigwait(heard)
        stopping.set()
        while True:  # granian may clear an interrupt that comes when it begins to replace a worker
            server.signal_handler_interrupt()  # type: ignore[no-untyped-call]
            time.sleep(LOOK_SECONDS)

    threading.Thread(target=wait, name="stop-by-signal", daemon=True).start()
    return stopping


def _heard() -> set[signal.Signals]:
    """A closed terminal also stops the server, unless `nohup` is used.

    A shell script's `serve &` starts with SIGINT ignored, which nobody intends: SIGINT stops it anyway.
    """
    return SIGNALS - {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else SIGNALS


def _leave(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
