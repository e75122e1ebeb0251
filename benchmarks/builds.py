"""Requests of this build beside those of an older one, and beside the same endpoints written by hand.

Each build serves requests in a process of its own (`benchmarks/asking.py`), with SQLite in memory. The processes take turns of a
few requests, and only the CPU time of their threads counts, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.baseline import COMMIT, unpack
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads.workload import SHIPPED

SECTION = f"request, CPU time relative to build {COMMIT}"
BY_HAND = "request, CPU time relative to the same by hand"
MOST = {"decide": 0.6, "eligibility": 0.6, "message": 0.75, "review": 0.75}
TURNS = {"decide": 16, "eligibility": 12, "message": 8, "review": 5}
"""Requests of each kind in a turn."""
ROUNDS = 9
WARM_UP = 110
"""Decisions before the first turn, after which policies are compiled to one function."""


class Build:
    """A process that serves requests with one source tree."""

    def __init__(self, tree: Path, **settings: str) -> None:
        environment = os.environ | {
            "PYTHONPATH": str(tree),
            "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
            "DATABASE_URL": "sqlite:///:memory:",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "COMITY_SECRET_KEY": secrets.token_urlsafe(50),
            "COMITY_ALLOWED_HOSTS": "testserver",
            "COMITY_HTTPS": "false",
            "COMITY_WORKERS": "1",
            "COMITY_LOG_STREAM": "stderr",
            "COMITY_THROTTLE_READ": "100000/s",
            "COMITY_THROTTLE_WRITE": "100000/s",
            "MODERATION_CLASSIFIER": "none",
            **settings,
        }
        # -P: the folder of the program is not to be searched, since it has a module `requests`.
        command = [sys.executable, "-P", str(Path(__file__).with_name("asking.py"))]
        self.process = subprocess.Popen(
            command, env=environment, cwd=tree, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._read()

    def ask(self, kind: str, count: int) -> float:
        """CPU nanoseconds of one request, the median."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kind} {count}\n")
        self.process.stdin.flush()
        taken: list[int] = self._read()
        return median(taken)

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a server ended with status {self.process.wait()}")
        return json.loads(line)


def measure(effort: Effort) -> Findings:
    with tempfile.TemporaryDirectory() as folder:
        older = Path(folder)
        here = SHIPPED.parent
        trees: dict[str, tuple[Path, dict[str, str]]] = {
            "now": (here, {}),
            "ninja": (here, {"BY_HAND": "ninja"}),
            "drf": (here, {"BY_HAND": "drf"}),
        }
        findings: Findings = []
        if unpack(older):
            trees["before"] = older, {}
        else:
            findings = [Note(f"no commit {COMMIT} here, so no request is compared with it")]
        builds = {name: Build(tree, **settings) for name, (tree, settings) in trees.items()}
        try:
            taken = _turns(builds)
        finally:
            for build in builds.values():
                build.close()
    return findings + _findings(taken)


def _turns(builds: dict[str, Build]) -> dict[str, dict[str, list[float]]]:
    for build in builds.values():
        for kind, count in TURNS.items():
            build.ask(kind, WARM_UP if kind == "decide" else count)
    taken: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in builds} for kind in TURNS}
    names = list(builds)
    for number in range(ROUNDS):
        for kind, count in TURNS.items():
            shift = number % len(names)
            for name in names[shift:] + names[:shift]:
                taken[kind][name].append(builds[name].ask(kind, count))
    return taken


def _findings(taken: dict[str, dict[str, list[float]]]) -> Findings:
    findings: Findings = []
    for kind, by_build in taken.items():
        now = by_build.pop("now")
        if "before" in by_build:
            ratio = _ratio(now, by_build.pop("before"))
            findings.append(
                Result(SECTION, f"{kind}, p50 {median(now) / 1_000:,.0f} µs", ratio, "{:.2f}×", MOST[kind])
            )
        findings += [
            Result(BY_HAND, f"{kind}, in {name}", _ratio(now, times), "{:.1f}×")
            for name, times in by_build.items()
        ]
    return sorted(findings, key=lambda finding: isinstance(finding, Result) and finding.section == BY_HAND)


def _ratio(times: list[float], base: list[float]) -> float:
    return median(a / b for a, b in zip(times, base, strict=True))
