"""`comity test` over very many cases, and over as many in an older build."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.baseline import COMMIT, unpack
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads.workload import FROZEN, SHIPPED

SECTION = "comity test, CPU time"
CASES = 100_000
FEWER = 10_000
MOST_GROWTH = 1.5
NO_WORSE = 1.0
HEAD = """\
policy: retention
at: 2026-05-30T12:00:00Z
given: {status: closed, closed_at: 2026-03-01T12:00:00Z, legal_hold: false, hold_released_at: null, purge_started: false}
cases:
"""
CASE = "  - {{name: 'case {number}', facts: {{legal_hold: {hold}}}, expect: {{outcome: {outcome}, rule: {rule}}}}}\n"
HELD = {"hold": "true", "outcome": "keep", "rule": "legal-hold"}
GONE = {"hold": "false", "outcome": "delete", "rule": "time-is-up"}
A_FILE = 1_000


def measure(effort: Effort) -> Findings:
    with tempfile.TemporaryDirectory() as folder:
        many, few, older = (Path(folder, name) for name in ("many", "few", "older"))
        write(many, CASES)
        write(few, FEWER)
        spent = _spent(SHIPPED.parent, many)
        few_now = _spent(SHIPPED.parent, few)
        each = spent / CASES / (few_now / FEWER)
        findings: Findings = [
            Result(SECTION, f"{CASES:,} cases", spent, "{:.0f} s"),
            Result(SECTION, f"each of {CASES:,} relative to each of {FEWER:,}", each, "{:.2f}×", MOST_GROWTH),
        ]
        if unpack(older):
            ratio = few_now / _spent(older, few)
            findings.append(
                Result(SECTION, f"{FEWER:,} cases, relative to build {COMMIT}", ratio, "{:.2f}×", NO_WORSE)
            )
    return findings


def write(folder: Path, count: int) -> None:
    """Files of a thousand cases each, half of which are kept by a hold."""
    folder.mkdir()
    for first in range(0, count, A_FILE):
        cases = (
            CASE.format(number=i, **(HELD if i % 2 else GONE))
            for i in range(first, min(first + A_FILE, count))
        )
        (folder / f"cases_{first}.yaml").write_text(HEAD + "".join(cases))


def _spent(tree: Path, cases: Path) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from engine.cli import main; main()", "test", str(cases)]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    ran = subprocess.run(
        [*command, "--policies", str(FROZEN)], capture_output=True, text=True, cwd=tree, env=environment
    )
    if ran.returncode:
        raise RuntimeError(f"comity test fails: {ran.stdout[-500:]} {ran.stderr[-500:]}")
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
