"""`manage.py parity`, in its own process, leaves nothing but a report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.parity.comparing import Compared
from api.parity.corpus import read_corpus
from api.parity.generated import generate
from api.parity.report import UnreadableReport, contract_digests, read_report, write_report
from tests.api.assistant.test_parity import ANSWERED
from tests.marketplace.factories import NOW

ROOT = Path(__file__).parents[3]


def run(report: Path, database: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "COMITY_DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "manage.py", "parity", str(report), *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.full  # the same requests as in tests/api/assistant/test_parity.py, in a separate process
def test_command_writes_a_report_and_leaves_the_database_alone(tmp_path):
    report, database = tmp_path / "report.json", tmp_path / "comity.sqlite3"
    done = run(report, database, "--requests", "50")
    assert done.returncode == 0, done.stderr
    total = len(read_corpus()) + 50
    assert done.stdout == f"{total} requests, 0 differences, written to {report}\n"
    written = read_report(report)
    assert (written.requests, written.corpus, written.generated, written.seed) == (total, total - 50, 50, 0)
    assert (written.differences, written.shown) == (0, [])
    assert sum(written.statuses.values()) == total
    assert {int(status) for status in written.statuses} >= ANSWERED
    assert written.contracts == contract_digests()
    assert not database.exists()


def test_differences_are_counted_and_the_first_are_shown(tmp_path):
    compared = Compared(60, {200: 60}, [f"{n}. it differs" for n in range(60)])
    written = write_report(tmp_path / "report.json", compared, corpus=60, generated=0, seed=0, now=NOW)
    assert (written.differences, len(written.shown)) == (60, 50)
    assert read_report(tmp_path / "report.json") == written


@pytest.mark.parametrize("content", [None, "", "{", "{}", "[]", '{"version": 1}'])
def test_file_that_is_no_report_is_refused(tmp_path, content):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UnreadableReport, match=r"it (cannot be read \(|is not a report)"):
        read_report(path)


def test_same_seed_makes_the_same_requests():
    assert generate(100, seed=3) == generate(100, seed=3)
    assert generate(100, seed=3) != generate(100, seed=4)
    assert json.dumps([ask.path for ask in generate(100, seed=3)])
