"""The server as `make run` and the container run it, with four threads, and clients on raw sockets."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

THREADS = 4
HANGING = 180
"""Seconds after which a test gives up."""


@dataclass
class Server:
    port: int

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is never reopened automatically."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANGING)
        connection.connect()
        connection.auto_open = 0
        return connection

    def ask(self, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> "Answer":
        connection = self.connect()
        try:
            return ask_over(connection, method, path, body, token, **headers)
        finally:
            connection.close()

    def send_head(self, path: str, token: str, length: int) -> socket.socket:
        """A POST whose body has not been sent yet."""
        sender = socket.create_connection(("127.0.0.1", self.port), timeout=HANGING)
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}"]
        lines += ["Content-Type: application/json", f"Authorization: Bearer {token}", "", ""]
        sender.sendall("\r\n".join(lines).encode())
        return sender


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


def ask_over(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any, token: str, **headers: str
) -> Answer:
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Host": "localhost"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method, path, sent, {name: value for name, value in named.items() if value.strip() != "Bearer"}
    )
    response = connection.getresponse()
    return Answer(response.status, response.read(), {n.lower(): v for n, v in response.getheaders()})


@contextmanager
def serve(database_url: str, **environment: str) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--http", "1"]
    process = subprocess.Popen(
        [
            f"{sys.prefix}/bin/granian",
            *options,
            "--blocking-threads",
            str(THREADS),
            "config.wsgi:application",
        ],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url,
            "COMITY_LOG_LEVEL": "ERROR",
            "COMITY_DUE_SECONDS": "0",
            "MODERATION_CLASSIFIER": "none",
            **environment,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(port)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(HANGING)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 2 * HANGING
    while True:
        try:
            assert server.ask("GET", "/healthz").status == 200
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
