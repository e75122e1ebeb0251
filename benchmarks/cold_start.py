"""How long a new process takes to load, validate and compile all policies of the repository."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads.workload import FROZEN, SHIPPED

STARTS = 5
MOST_SECONDS = 1.0
SECTION = "cold start"
_CODE = """
import sys
from pathlib import Path
from engine import load_bundle
if load_bundle(Path(sys.argv[1])).bundle is None:
    sys.exit("the policies do not load: see comity check")
"""


def measure(effort: Effort) -> Findings:
    """Wall time of the process, including Python's startup and all imports."""
    policies = len(list(FROZEN.glob("*.yaml")))
    what = f"all {policies} policies, from starting Python"
    return [
        Result(SECTION, what, median(_seconds(_CODE) for _ in range(STARTS)), "{:.2f} s", MOST_SECONDS),
        Result(SECTION, "Python alone", median(_seconds("") for _ in range(STARTS)), "{:.2f} s"),
    ]


def _seconds(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(FROZEN)], check=True, cwd=SHIPPED.parent)
    return time.perf_counter() - begun
