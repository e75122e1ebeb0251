"""A backtest over recorded decisions, one in a thousand of which the candidate changes: with the extra `batch`, and without it.

Run as a module, it fills its own database with the given number of records and prints what the backtest took.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.agreement import Disagreement
from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads.workload import FROZEN, NOW
from engine import Bundle, load_bundle

MOST_SECONDS = {"query": 10.0, "compiler": 60.0}
"""For a million records."""
MOST_MEGABYTES = 500.0
EVERY = 1_000
TEXT = (FROZEN / "retention.yaml").read_text("utf-8")


def measure(effort: Effort) -> Findings:
    findings: Findings = []
    count = max(effort.decisions, EVERY)
    for way, most in MOST_SECONDS.items():
        quiet = {"COMITY_LOG_LEVEL": "WARNING"}
        told = run_in_django("benchmarks.backtest", str(count), way, in_memory=False, **quiet)
        if told["changed"] != told["planted"]:
            raise Disagreement(f"a backtest finds {told['changed']} changes, not {told['planted']}")
        what = f"{count:,} records by {way}"
        section = "backtest"
        findings += [
            Result(section, f"{what}, CPU time", told["seconds"], "{:.1f} s", most * count / 1_000_000),
            Result(section, f"{what}, largest memory", told["megabytes"], "{:.0f} MB", MOST_MEGABYTES),
        ]
    return findings


def _bundle(text: str) -> Bundle:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "retention.yaml").write_text(text, "utf-8")
        bundle = load_bundle(Path(folder)).bundle
    assert bundle is not None
    return bundle


def _told(count: int, way: str) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command

    from decisions.backtest import Backtest, Tally
    from engine.batch import extra

    call_command("migrate", verbosity=0)
    planted = _fill(count)
    if way == "compiler":
        extra.is_installed = lambda: False
    candidate, tally = _bundle(TEXT.replace("value: 7d", "value: 8d")), Tally()
    begun = time.process_time()
    for _ in Backtest.of(candidate, None).run(tally):
        pass
    return {
        "seconds": time.process_time() - begun,
        "megabytes": _peak() / 1_000,
        "changed": tally.changed,
        "planted": planted,
    }


def _peak() -> int:
    """In kilobytes. `ru_maxrss` would begin with the memory of the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _fill(count: int) -> int:
    """Record decisions about media that may be deleted. Of a thousand, one was held until recently."""
    from django.db import connection, transaction

    from decisions import Subject, bundles, decide_on_record
    from decisions.models import DecisionRecord

    closed = {"status": "closed", "closed_at": NOW - timedelta(days=200), "legal_hold": False}
    made = []
    with bundles.pinned(_bundle(TEXT)), transaction.atomic():
        for days in (30.0, 7.5):
            facts = {**closed, "hold_released_at": NOW - timedelta(days=days), "purge_started": False}
            _, record = decide_on_record("retention", facts, now=NOW, subject=Subject("dispute", 1, None))
            made.append(record.pk)
    copied = ", ".join(str(f.column) for f in DecisionRecord._meta.concrete_fields if not f.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
            f"INSERT INTO decisions_decisionrecord ({copied}) SELECT {copied} FROM n JOIN decisions_decisionrecord AS r "
            f"ON r.id = CASE i % {EVERY} WHEN 0 THEN {made[1]} ELSE {made[0]} END"
        )
    return 1 + count // EVERY


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(_told(int(sys.argv[2]), sys.argv[3])))
