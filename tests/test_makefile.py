"""`make test` tries both databases whatever the first one says."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("sqlite", "postgresql", "told"),
    [
        (0, 0, "SQLite: passed. PostgreSQL: passed."),
        (1, 0, "SQLite: failed. PostgreSQL: passed."),
        (0, 1, "SQLite: passed. PostgreSQL: failed."),
        (1, 1, "SQLite: failed. PostgreSQL: failed."),
    ],
)
def test_both_databases_are_tried_and_told(sqlite: int, postgresql: int, told: str, tmp_path: Path) -> None:
    for name, code in (("pytest", sqlite), ("python", postgresql)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} $@\nexit {code}\n")
        program.chmod(0o755)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = ["make", "test", f"BIN={tmp_path}", "--assume-old", "check", "--assume-old", "models"]

    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    first, second, last = ran.stdout.splitlines()
    assert first.startswith("pytest --numprocesses")
    assert second.startswith(f"python -m tests.postgres -- {tmp_path}/pytest --numprocesses")
    assert (last, ran.returncode == 0) == (told, sqlite == postgresql == 0)
