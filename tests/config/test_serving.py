"""`manage.py serve` stops completely on a signal, and refuses a port in use."""

import os
import signal
import socket
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from config.serving import PortTaken, forget_metrics, hold_port
from tests.config import settings_in_memory
from tests.sampling import sample
from tests.serving import HANGING_SECONDS, ROOT, free_port, serving, wait_until

ADDRESS = "127.0.0.1"
STOPS = list(product(["loaded", "starting"], [1, 4], [signal.SIGINT, signal.SIGTERM], ["group", "master"]))
FEW = [
    ("loaded", 1, signal.SIGINT, "group"),
    ("loaded", 1, signal.SIGTERM, "master"),
    ("loaded", 2, signal.SIGINT, "master"),
    ("starting", 1, signal.SIGINT, "group"),
    ("starting", 1, signal.SIGTERM, "master"),
    ("starting", 2, signal.SIGINT, "group"),
]
EVERY = [(*stop, delay) for stop in STOPS for delay in (0.0, 0.3, 1.0)]
TRIES = EVERY if os.environ.get("COMITY_TEST_SCALE") == "full" else [(*stop, 0.3) for stop in FEW]


@pytest.mark.parametrize(("when", "workers", "number", "whom", "delay"), TRIES)
def test_every_stop_ends_and_leaves_nothing(
    when: str, workers: int, number: signal.Signals, whom: str, delay: float, tmp_path: Any
) -> None:
    with serving(tmp_path, workers=workers, ready=when == "loaded") as served:
        if when == "loaded":
            served.put_under_load(clients=6 if TRIES is EVERY else 2)
        else:
            wait_until(lambda: served.logged("Spawning worker-1"), served)
        time.sleep(delay)

        served.send(number, group=whom == "group")

        assert served.process.wait(HANGING_SECONDS) == 0, served.log.read_text()
        assert served.left() == set()


@pytest.mark.parametrize("number", sample([signal.SIGTERM, signal.SIGINT, signal.SIGHUP], every=3))
def test_stop_before_there_are_workers_is_quiet(number: signal.Signals, tmp_path: Any) -> None:
    code = f"import os; from config.serving import prepare; prepare(); os.kill(os.getpid(), {int(number)})"
    done = run("-c", code, COMITY_WORKERS="2", TMPDIR=str(tmp_path))

    assert (done.returncode, done.stderr) == (128 + number, "")
    assert list(tmp_path.iterdir()) == []


# Stands in for granian, which exits with 1 if a worker ends before the master hears the same signal.
FAILING = """
import os, signal, sys, threading
import django; django.setup()
from config import serving

class Server:
    def __init__(self, *_, **__):
        self.interrupts = 0
        self.twice = threading.Event()

    def serve(self, **_):
        if sys.argv[1] != "no signal":
            os.kill(os.getpid(), signal.SIGTERM)
            assert self.twice.wait(60)
        sys.exit(1)

    def signal_handler_interrupt(self):
        self.interrupts += 1
        if self.interrupts == 2:
            self.twice.set()

serving.MPServer = Server
serving.serve()
"""


@pytest.mark.parametrize(
    ("happens", "code"), [("a signal", 0), pytest.param("no signal", 1, marks=pytest.mark.full)]
)
def test_worker_that_hears_a_signal_first_has_not_failed(happens: str, code: int) -> None:
    done = run("-c", FAILING, happens, COMITY_PORT=str(free_port()))
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.full
def test_closed_terminal_ends_it(tmp_path: Any) -> None:
    with serving(tmp_path) as served:
        served.send(signal.SIGHUP, group=True)

        assert served.process.wait(HANGING_SECONDS) == 0
        assert served.left() == set()


@pytest.mark.full
def test_interrupt_ends_what_a_script_started_in_the_background(tmp_path: Any) -> None:
    """A shell without job control starts such a command with SIGINT ignored."""
    with serving(tmp_path, ignoring="INT") as served:
        served.send(signal.SIGINT, group=True)

        assert served.process.wait(HANGING_SECONDS) == 0
        assert served.left() == set()


@pytest.mark.full
def test_closed_terminal_does_not_end_what_nohup_started(tmp_path: Any) -> None:
    with serving(tmp_path, ignoring="HUP") as served:
        served.send(signal.SIGHUP, group=True)
        served.send(signal.SIGTERM, group=False)

        assert served.process.wait(HANGING_SECONDS) == 0
        assert served.left() == set()
        assert served.logged("Stopping worker")


@pytest.mark.full
@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: loc"], ids=["nothing", "half a head"])
def test_connection_over_which_no_request_comes_is_closed(sent: bytes, tmp_path: Any) -> None:
    """Or 1,024 of them would keep everybody else out for as long as they like."""
    with serving(tmp_path) as served, socket.create_connection((ADDRESS, served.port)) as silent:
        silent.settimeout(2 * HANGING_SECONDS)
        silent.sendall(sent)

        assert silent.recv(1) == b""


def test_workers_end_with_a_master_that_was_killed_and_tidy_up(tmp_path: Any) -> None:
    (folder := tmp_path / "temporary").mkdir()
    with serving(tmp_path, workers=2, TMPDIR=str(folder)) as served:
        wait_until(lambda: len(served.workers()) == 2, served)
        assert len(list(folder.glob("comity-metrics-*/counter_*.db"))) > 0

        served.send(signal.SIGKILL, group=False)

        wait_until(lambda: served.left() == set(), served)
        assert list(folder.iterdir()) == []


def test_metrics_of_servers_that_were_killed_whole_go_with_the_next_start(
    tmp_path: Path,
) -> None:
    code = "import sys; from config import serving; serving.prepare(); print('ready', flush=True); sys.stdin.read()"
    environment = {**os.environ, "COMITY_WORKERS": "2", "TMPDIR": str(tmp_path)}
    pipe = subprocess.PIPE
    killed, alive = (
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdin=pipe, stdout=pipe)
        for _ in range(2)
    )
    with killed, alive:
        for process in (killed, alive):
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        left = set(tmp_path.iterdir())
        killed.kill()
        killed.wait(HANGING_SECONDS)
        (elsewhere := tmp_path / "elsewhere").mkdir()
        (tmp_path / "comity-metrics-link").symlink_to(elsewhere)

        run("-c", "from config.serving import prepare; prepare()", COMITY_WORKERS="2", TMPDIR=str(tmp_path))

        [kept] = left & set(tmp_path.iterdir())
        assert elsewhere.exists()
        alive.terminate()
        alive.wait(HANGING_SECONDS)
    assert not kept.exists()


def test_address_of_another_machine_is_distinguished_from_a_port_in_use() -> None:
    with pytest.raises(PortTaken, match="cannot assign requested address") as refused:
        hold_port("192.0.2.1", 0)
    assert refused.value.hint == "set COMITY_HOST to an address of this machine"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::ffff:127.0.0.1"])
def test_port_of_a_server_is_refused_over_other_addresses_of_it(host: str) -> None:
    with hold_port(ADDRESS, 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(PortTaken, match="address already in use"):
            hold_port(host, port)


def test_port_of_a_server_is_refused_to_the_next_at_once() -> None:
    with hold_port(ADDRESS, 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(
            PortTaken, match=rf"cannot listen on 127.0.0.1, port {port}: address already in use"
        ):
            hold_port(ADDRESS, port)


def test_port_that_an_orphan_serves_is_refused() -> None:
    with hold_port(ADDRESS, 0) as held:
        port = held.getsockname()[1]
        orphan = listen_as_a_worker(port)
    with orphan, pytest.raises(PortTaken):
        hold_port(ADDRESS, port)


def test_port_whose_connections_just_ended_is_free() -> None:
    with hold_port(ADDRESS, 0) as held:
        port = held.getsockname()[1]
        with listen_as_a_worker(port) as worker, socket.create_connection((ADDRESS, port)) as client:
            accepted, _ = worker.accept()
            accepted.close()  # the end that closes first enters TIME_WAIT
            client.recv(1)
    hold_port(ADDRESS, port).close()


def listen_as_a_worker(port: int) -> socket.socket:
    """With granian's socket options."""
    worker = socket.socket()
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    worker.bind((ADDRESS, port))
    worker.listen()
    return worker


def test_command_says_in_a_sentence_that_the_port_is_taken(settings: Any) -> None:
    with socket.create_server((ADDRESS, 0)) as taken:
        settings.COMITY_HOST, settings.COMITY_PORT = ADDRESS, taken.getsockname()[1]
        with pytest.raises(CommandError) as said:
            call_command("serve")
    assert str(said.value) == (
        f"cannot listen on 127.0.0.1, port {settings.COMITY_PORT}: address already in use; "
        "stop what listens there, or set COMITY_PORT"
    )


@pytest.mark.full
def test_refused_start_prints_nothing_else() -> None:
    with socket.create_server((ADDRESS, 0)) as taken:
        done = run("manage.py", "serve", COMITY_PORT=str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_cache_of_each_process_is_refused_for_several_workers(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.serving.serve", pytest.fail)
    settings.CACHES, settings.COMITY_WORKERS = settings_in_memory.CACHES, 4
    with pytest.raises(
        SystemCheckError, match="LocMemCache` would count rates and logins separately in each"
    ):
        call_command("serve", skip_checks=False)


def test_metrics_of_an_earlier_server_are_forgotten(tmp_path: Any) -> None:
    of_workers = ("counter_7.db", "histogram_7.db", "gauge_livemax_41.db", "gauge_mostrecent_41.db")
    of_others = {"notes", "shop.db", "counter_of_visitors.db"}
    for name in (*of_workers, *of_others):
        (tmp_path / name).touch()
    forget_metrics(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == of_others


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "COMITY_WORKERS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=HANGING_SECONDS,
    )
