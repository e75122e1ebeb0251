"""Whatever a file contains, loading ends in diagnostics with a position, after bounded work, without crashing."""

import subprocess
import sys
from pathlib import Path

import pytest

from documents.diagnostics import has_errors
from engine import Diagnostic, load_files
from engine.expression.parser import parse
from tests.engine.hostile import HOSTILE
from tests.work import counted

COMITY = [sys.executable, "-c", "from engine.cli import main; main()"]
CALLS_A_BYTE = 100
"""Most files take fewer than 10 calls per byte, and the slowest of these 55."""
CALLS_A_FILE = 10_000
AT_A_GLANCE = {
    "brackets",
    "alias of an alias",
    "NUL",
    "bidi",
    "boolean no",
    "huge integer",
    "two megabytes",
    "Latin-1",
    "tabs",
    "unquoted negation",
    "half a file",
}
"""Rejected before the file is read to its end, or as small as the smallest policy."""


@pytest.fixture(autouse=True, scope="module")
def warm_up() -> None:
    """The first parse reads the tables of the parser."""
    parse("true")


def assert_well_placed(problem: Diagnostic, lines: list[str]) -> None:
    assert problem.message and problem.code and problem.length >= 1
    assert 1 <= problem.line <= max(1, len(lines))
    assert 1 <= problem.column <= len((lines or [""])[problem.line - 1]) + 1
    assert len(problem.render().splitlines()) <= 4


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_ends_in_diagnostics(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_bytes(HOSTILE[name])
    loaded, calls = counted(lambda: load_files([path]))
    assert calls < CALLS_A_FILE + (0 if name in AT_A_GLANCE else CALLS_A_BYTE * len(HOSTILE[name]))
    assert loaded.bundle is None
    assert has_errors(loaded.diagnostics)
    lines = HOSTILE[name].decode("utf-8", "replace").split("\n")
    for problem in loaded.diagnostics:
        assert_well_placed(problem, lines)


@pytest.mark.full
def test_check_survives_every_hostile_file_in_one_run(tmp_path: Path) -> None:
    for number, content in enumerate(HOSTILE.values()):
        (tmp_path / f"h{number}.yaml").write_bytes(content)
    ran = subprocess.run([*COMITY, "check", str(tmp_path)], capture_output=True, text=True, timeout=120)
    files = {line.split(":")[0] for line in ran.stdout.splitlines() if "]: " in line and ".yaml:" in line}
    assert (ran.returncode, ran.stderr) == (1, "")
    assert len(files) == len(HOSTILE)
