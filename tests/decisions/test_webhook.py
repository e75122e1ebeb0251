"""Heads that are kept by a web server: what it does not take is sent again later."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from decisions import outside
from decisions.chain import seal_log
from decisions.models import LogHead
from decisions.signing import write_new_key
from tests.decisions.log import fill

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


class Keeper(ThreadingHTTPServer):
    """Keeps heads in a file. `mood` says how it treats the next request."""

    daemon_threads = True

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.file = file
        self.mood = "well"
        self.asked: list[str] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/heads"


class Handler(BaseHTTPRequestHandler):
    server: Keeper

    def do_POST(self) -> None:
        self.server.asked.append(self.server.mood)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.server.mood:
            case "well":
                assert self.headers["Content-Type"] == "application/json"
                with self.server.file.open("ab") as file:
                    file.write(body)
                self.send_response(204)
            case "slow":
                self.server.released.wait(30)
                return
            case "broken":
                self.send_response(500)
            case "moved":
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
            case "garbled":
                self.wfile.write(b"no HTTP at all\r\n\r\n")
                return
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """What a client asks that follows the redirect of a POST."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def keeper(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    write_new_key(tmp_path / "log.key")
    settings.COMITY_LOG_KEY = tmp_path / "log.key"
    server = Keeper(tmp_path / "heads")
    settings.COMITY_LOG_HEADS = server.url
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("mood", ["slow", "broken", "moved", "garbled"])
def test_head_that_was_not_taken_is_sent_later(
    mood: str, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(3)
    assert seal_log(now=NOW) == 3
    keeper.mood = mood
    fill(2)
    with monkeypatch.context() as hurried:
        hurried.setattr(outside, "SECONDS", 0.2)
        assert seal_log(now=NOW) == 2, "sealing does not depend on the server"
    assert sent() == [True, False]
    assert window(keeper, capsys) == "2 records newer than the head kept outside could be cut off unnoticed"

    keeper.mood = "well"
    assert seal_log(now=NOW) == 0

    assert keeper.asked == ["well", mood, "well"]
    assert sent() == [True, True]
    assert [json.loads(line)["number"] for line in keeper.file.read_text().splitlines()] == [1, 2]
    assert window(keeper, capsys).startswith("head 2 ")
    assert seal_log(now=NOW) == 0
    assert len(keeper.asked) == 3, "a head is sent once"


def test_head_is_sent_once_the_server_is_back(
    keeper: Keeper, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing listens, heads pile up, and the newest covers them all."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as unused:
        port = unused.server_address[1]
    settings.COMITY_LOG_HEADS = f"http://127.0.0.1:{port}/heads"
    for _ in range(3):
        fill(2)
        assert seal_log(now=NOW) == 2
    assert sent() == [False, False, False]
    call_command("policy", "verify-log")
    assert "no head has been sent to COMITY_LOG_HEADS yet" in capsys.readouterr().out

    settings.COMITY_LOG_HEADS = keeper.url
    assert seal_log(now=NOW) == 0

    assert sent() == [False, False, True]
    assert window(keeper, capsys).startswith("head 3 ")


def sent() -> list[bool]:
    return [head.sent_at is not None for head in LogHead.objects.order_by("number")]


def window(keeper: Keeper, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    call_command("policy", "verify-log", "--head", str(keeper.file))
    return capsys.readouterr().out.splitlines()[-1]
