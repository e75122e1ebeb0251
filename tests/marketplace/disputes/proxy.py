"""A proxy in front of the S3 server that can hang, be slow, disconnect, answer nonsense, or be down.

It hangs until the test ends: a waiting client would never return.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """The mode of connections: pass, down, hang, slow, error or reset."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 0)
        self.mode = "pass"
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.endpoint = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.closed = threading.Event()
        self.open: set[socket.socket] = set()
        self.tries = 0
        """Connections since the last change of mode."""

    def turn(self, mode: str) -> None:
        """Also closes connections that are kept open."""
        self.mode, self.tries = mode, 0
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.tries += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self.open.add(connection)
        with connection, suppress(OSError):
            if self.mode == "down":
                return
            if self.mode == "hang":
                self.closed.wait()
            elif self.mode == "error":
                connection.settimeout(0.5)
                with suppress(TimeoutError):
                    while connection.recv(65536):
                        pass
                connection.sendall(ERROR)
            elif self.mode == "reset":
                connection.recv(20_000)
            else:
                self._relay(connection, slow=self.mode == "slow")
        self.open.discard(connection)

    def _relay(self, connection: socket.socket, *, slow: bool) -> None:
        with socket.create_connection(self.target) as server:
            back = threading.Thread(target=_pump, args=[server, connection, False], daemon=True)
            back.start()
            _pump(connection, server, slow)
            back.join(60)


def _pump(source: socket.socket, target: socket.socket, slow: bool) -> None:
    """In slow mode: one kilobyte every half second, so that no single read or write times out."""
    with suppress(OSError):
        while piece := source.recv(1024 if slow else 65536):
            if slow:
                time.sleep(0.5)
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def running(target: str) -> Iterator[Proxy]:
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closed.set()
        proxy.server.shutdown(socket.SHUT_RDWR)
        proxy.server.close()
        thread.join(5)
