"""Whether memory grows with decisions. Run as a module, it decides in its own process and prints the growth in bytes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.comity import bundle_of
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads import POLICIES
from benchmarks.workloads.workload import NOW, SHIPPED, Facts
from engine import Bundle

MOST_MEGABYTES = 1.0
"""`No growth`, with a margin for the allocator."""
STATM = Path("/proc/self/statm")


def measure(effort: Effort) -> Findings:
    if not STATM.exists():
        return []
    command = [sys.executable, "-m", "benchmarks.memory", str(effort.decisions)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=SHIPPED.parent)
    what = f"growth over {effort.decisions:,} decisions"
    return [Result("memory", what, int(ran.stdout) / 1e6, "{:.2f} MB", MOST_MEGABYTES)]


def growth(decisions: int) -> int:
    """Resident memory in bytes after this many decisions over all policies, less the memory after a tenth of them."""
    work = [_work(bundle_of(workload), workload.samples(500)) for workload in POLICIES]
    _decide(work, decisions // 10)
    before = _resident()
    _decide(work, decisions)
    return _resident() - before


def _work(bundle: Bundle, samples: list[Facts]) -> tuple[Bundle, str, list[Facts]]:
    (name,) = bundle.policies
    return bundle, name, samples


def _decide(work: list[tuple[Bundle, str, list[Facts]]], decisions: int) -> None:
    done = 0
    while done < decisions:
        for bundle, name, samples in work:
            for facts in samples:
                bundle.decide(name, facts, now=NOW)
            done += len(samples)


def _resident() -> int:
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.stdout.write(str(growth(int(sys.argv[1]))))
