"""A scanner that speaks clamd's INSTREAM and knows one signature: the EICAR test string."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# In two halves, or a scanner would flag this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def running() -> Iterator[str]:
    """Yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=[server], daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as received:
            assert received.read(10) == b"zINSTREAM\0"
            content = b""
            while (length := struct.unpack(">I", received.read(4))[0]) > 0:
                content += received.read(length)
            verdict = b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"
            connection.sendall(b"stream: " + verdict + b"\0")
