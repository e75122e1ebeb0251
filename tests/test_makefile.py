"""`make test` runs the checks and each part of the tests, whatever fails, and `make test-versions` every Python."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("checks", "apart", "sqlite", "postgresql", "expected"),
    [
        (0, 0, 0, 0, "Checks: passed. Without a database: passed. SQLite: passed. PostgreSQL: passed."),
        (1, 0, 0, 0, "Checks: failed. Without a database: passed. SQLite: passed. PostgreSQL: passed."),
        (0, 1, 0, 0, "Checks: passed. Without a database: failed. SQLite: passed. PostgreSQL: passed."),
        (0, 0, 1, 0, "Checks: passed. Without a database: passed. SQLite: failed. PostgreSQL: passed."),
        (0, 0, 0, 1, "Checks: passed. Without a database: passed. SQLite: passed. PostgreSQL: failed."),
        (1, 1, 1, 1, "Checks: failed. Without a database: failed. SQLite: failed. PostgreSQL: failed."),
    ],
)
def test_every_part_is_tried_and_reported(
    checks: int, apart: int, sqlite: int, postgresql: int, expected: str, tmp_path: Path
) -> None:
    on_postgresql = f'case "$*" in *tests.postgres*) exit {postgresql};; esac'
    for name, ends in (
        ("ruff", f"exit {checks}"),
        ("pytest", f'case "$*" in *--ignore=*) exit {sqlite};; esac; exit {apart}'),
        ("python", on_postgresql),
        *((name, "exit 0") for name in ("mypy", "lint-imports", "comity")),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} $@\n{ends}\n")
        program.chmod(0o755)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    (tmp_path / "installed").touch()
    command = ["make", "test", f"BIN={tmp_path}", f"INSTALLED={tmp_path}/installed", "--assume-old", "models"]

    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    first, *_, last = lines = ran.stdout.splitlines()
    assert first.startswith("pytest --numprocesses")
    [apart_from_it] = [line for line in lines if line.startswith("pytest") and "--ignore" not in line]
    left_out = [word.removeprefix("--ignore=") for word in first.split() if word.startswith("--ignore=")]
    assert left_out == [word for word in apart_from_it.split() if word.startswith("tests/")] != []
    assert all(Path(ROOT, name).exists() for name in left_out)
    assert "ruff check ." in lines
    assert ("comity test --coverage" in lines) == (checks == 0)
    assert any(line.startswith(f"python -m tests.postgres -- {tmp_path}/pytest") for line in lines)
    assert (last, ran.returncode == 0) == (expected, not (checks or apart or sqlite or postgresql))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (
            {"3.12": 0, "3.12-django-6.1": 0, "3.13": 0},
            "Python 3.12: passed. Python 3.12 with Django 6.1: passed. Python 3.13: passed.",
        ),
        (
            {"3.12": 0, "3.12-django-6.1": 1, "3.13": 0},
            "Python 3.12: passed. Python 3.12 with Django 6.1: failed. Python 3.13: passed.",
        ),
        (
            {"3.12": 0, "3.12-django-6.1": 0},
            "Python 3.12: passed. Python 3.12 with Django 6.1: passed. "
            "Python 3.13: not run, this machine has no no-such-python.",
        ),
    ],
)
def test_installed_versions_are_tried_and_each_is_reported(
    codes: dict[str, int], expected: str, tmp_path: Path
) -> None:
    command = ["make", "test-versions", f"VENV={tmp_path}/venv", "--assume-old", "models"]
    for version, code in codes.items():
        program = tmp_path / f"venv-{version}" / "bin" / "pytest"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {version} $COMITY_TEST_SCALE $@\nexit {code}\n")
        program.chmod(0o755)
        installed = program.parents[1] / ".installed"
        installed.touch()
        command += ["--assume-old", str(installed)]
    pythons = {"PYTHON312": "true", "PYTHON313": "true" if "3.13" in codes else "no-such-python"}
    command += [f"{name}={program}" for name, program in pythons.items()]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    lines = [line for line in ran.stdout.splitlines() if not line.startswith("make")]
    assert lines[:-1] == [f"{version} small --numprocesses 2 --dist worksteal" for version in codes], (
        ran.stderr
    )
    assert (lines[-1], ran.returncode == 0) == (expected, not any(codes.values()))
