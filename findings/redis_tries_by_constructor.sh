#!/usr/bin/env bash
# redis 8.1.0 (Python 3.11): how often a command is tried depends on how the client was made.
#
# A client created as `Redis(port=…)` tries eleven times, with pauses of seconds in total, if the server closes each connection.
# Created by `Redis.from_url`, or from a pool, it tries once: only the constructor has a default for `retry`. Django's
# cache creates its clients from a pool, so it never waits, but a client created directly does.
#
# Seen:
#   Redis(port): 11
#   Redis.from_url: 1
#   ConnectionPool(port): 1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0

cat > "$folder/count.py" <<'PYTHON'
import socket
import threading

from redis import ConnectionError, ConnectionPool, Redis


def tries(make):
    """How many connections one command opens to a server that closes each of them."""
    server = socket.create_server(("127.0.0.1", 0))
    opened = []

    def close_each():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            opened.append(1)
            connection.close()

    threading.Thread(target=close_each, daemon=True).start()
    try:
        make(server.getsockname()[1]).ping()
    except ConnectionError:
        pass
    server.shutdown(socket.SHUT_RDWR)
    return len(opened)


print("Redis(port):", tries(lambda port: Redis(port=port)))
print("Redis.from_url:", tries(lambda port: Redis.from_url(f"redis://127.0.0.1:{port}")))
print("ConnectionPool(port):", tries(lambda port: Redis(connection_pool=ConnectionPool(port=port))))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/count.py")
echo "$seen"
test "$seen" = 'Redis(port): 11
Redis.from_url: 1
ConnectionPool(port): 1'
