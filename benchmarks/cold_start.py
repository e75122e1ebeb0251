"""What an old and a new build cost to start and to keep: the start of a process, its memory, and its growth over many decisions.

Both builds run in processes of their own, in turn, and load the policies of `benchmarks/policies/first_edition/`; a worker of the
server loads those of its build, and no classifier.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from benchmarks.baseline import COMMIT, unpack
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads.workload import FROZEN, SHIPPED

STARTS = 9
MOST_SECONDS = 1.0
NO_WORSE = 1.0
SECTION = "cold start"
COMPARED = f"cold start and memory relative to build {COMMIT}"
_LOAD = """
import sys
from pathlib import Path
from engine import load_bundle
if load_bundle(Path(sys.argv[1])).bundle is None:
    sys.exit("the policies do not load: see comity check")
"""
_RESIDENT = """
import gc, os
gc.collect()
print(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""
_SERVE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from config.wsgi import application
from decisions import bundles
bundles.current()
"""
_SERVER = {
    "DATABASE_URL": "sqlite:///:memory:",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "COMITY_SECRET_KEY": secrets.token_urlsafe(50),
    "COMITY_ALLOWED_HOSTS": "testserver",
    "COMITY_LOG_LEVEL": "ERROR",
    "COMITY_DUE_SECONDS": "0",
    "MODERATION_CLASSIFIER": "none",
    "COMITY_WORKERS": "1",
}


def measure(effort: Effort) -> Findings:
    """Wall time for people, CPU time for ratios. Both include Python's startup and all imports."""
    here = SHIPPED.parent
    policies = len(list(FROZEN.glob("*.yaml")))
    seconds = [_spent(here, _LOAD) for _ in range(STARTS)]
    findings: Findings = [
        Result(SECTION, f"all {policies} policies, CPU time", median(seconds), "{:.2f} s", MOST_SECONDS),
        Result(SECTION, "Python alone", median(_spent(here, "") for _ in range(STARTS)), "{:.2f} s"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        older = Path(folder)
        if not unpack(older):
            return [*findings, Note(f"no commit {COMMIT} here, so no start is compared with it")]
        return findings + _compared(here, older, effort)


def _compared(here: Path, older: Path, effort: Effort) -> Findings:
    starts = [(_spent(here, _LOAD), _spent(older, _LOAD)) for _ in range(STARTS)]
    engine, engine_before = (_bytes(tree, _LOAD + _RESIDENT) for tree in (here, older))
    worker, worker_before = (_bytes(tree, _SERVE + _RESIDENT) for tree in (here, older))
    many = ("-m", "benchmarks.memory", str(effort.decisions))
    growth, growth_before = (int(_run(tree, *many)) for tree in (here, older))
    million = f"growth over {effort.decisions:,} decisions"
    return [
        Result(COMPARED, "cold start, CPU time", median(a / b for a, b in starts), "{:.2f}×", NO_WORSE),
        Result(
            COMPARED,
            f"the engine with its policies, {engine / 1e6:.0f} MB",
            engine / engine_before,
            "{:.2f}×",
            NO_WORSE,
        ),
        Result(
            COMPARED,
            f"a worker of the server, {worker / 1e6:.0f} MB",
            worker / worker_before,
            "{:.2f}×",
            NO_WORSE,
        ),
        Result(COMPARED, million, growth / 1e6, "{:.2f} MB", max(1.0, growth_before / 1e6)),
        Result(COMPARED, f"{million}, before", growth_before / 1e6, "{:.2f} MB"),
    ]


def _spent(tree: Path, code: str) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    _run(tree, "-c", code, str(FROZEN))
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _bytes(tree: Path, code: str) -> int:
    return int(_run(tree, "-c", code, str(FROZEN)).splitlines()[-1])


def _run(tree: Path, *arguments: str) -> str:
    environment = os.environ | _SERVER | {"PYTHONPATH": str(tree)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=tree, env=environment
    ).stdout
