"""What a confirmation costs beside another build, on PostgreSQL with eight writers; not part of `make bench`.

    git worktree add /tmp/before 4af6b08
    python -m tests.postgres -- python -m benchmarks.confirms /tmp/before

Both builds run alternately on one server, each in a database of its own, so that a busy machine slows down both. The CPU time of
the writers and of the server counts; sealing, which nothing waits for, does not.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

ROUNDS = 7
ORDERS = 160
MOST_PERCENT = 8.0
HERE = Path(__file__).parent


class Build:
    """A process that confirms orders with one source tree."""

    def __init__(self, name: str, tree: Path, url: str) -> None:
        self.taken: list[tuple[float, float]] = []
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        environment = os.environ | {
            "PYTHONPATH": str(tree),
            "DATABASE_URL": url.rpartition("/")[0] + f"/{name}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "COMITY_SECRET_KEY": secrets.token_urlsafe(50),
            "COMITY_ALLOWED_HOSTS": "testserver",
            "COMITY_LOG_LEVEL": "WARNING",
            "COMITY_LOG_STREAM": "stderr",
        }
        # -P: the folder of the program is not to be searched, since both trees have these modules.
        command = [sys.executable, "-P", str(HERE / "confirming.py")]
        self.process = subprocess.Popen(
            command, env=environment, cwd=tree, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.statements = self._read()

    def run(self, orders: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{orders}\n")
        self.process.stdin.flush()
        self.taken.append(tuple(self._read()))

    def milliseconds(self) -> tuple[float, float, float]:
        """Of the writers, the server and both, for one confirmation: the medians over the rounds, without the first."""
        rounds = self.taken[1:]
        parts = ([own for own, _ in rounds], [server for _, server in rounds], [sum(both) for both in rounds])
        own, server, both = (median(part) * 1_000 / ORDERS for part in parts)
        return own, server, both

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the benchmark ended with status {self.process.wait()}")
        return json.loads(line)


def main(before: Path) -> None:
    url = os.environ["DATABASE_URL"]
    builds = {"before": Build("before", before, url), "now": Build("now", HERE.parent, url)}
    for _ in range(ROUNDS + 1):
        for build in builds.values():
            build.run(ORDERS)
    for name, build in builds.items():
        own, server, both = build.milliseconds()
        sys.stdout.write(
            f"{name:7} {both:.2f} ms CPU for a confirmation: writers {own:.2f}, server {server:.2f}; "
            f"{build.statements} statements\n"
        )
        assert build.process.stdin is not None
        build.process.stdin.close()
        build.process.wait()
    ratios = [
        sum(n) / sum(b) for b, n in zip(builds["before"].taken[1:], builds["now"].taken[1:], strict=True)
    ]
    more = (median(ratios) - 1) * 100
    sys.stdout.write(
        f"{more:+.1f} % CPU, median of {ROUNDS} rounds; at most {MOST_PERCENT:+.0f} % is wanted\n"
    )
    if more > MOST_PERCENT:
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
