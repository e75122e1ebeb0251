"""A batch over files larger than its memory: the process does not grow with them."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
LIMIT = "250MB"
NOTE = "x" * 100
PEAK = """
from engine.cli import main
from tests.memory import kilobytes
try:
    main()
finally:
    print(kilobytes("VmHWM"))
"""


def peak_of(folder: Path, rows: int) -> int:
    """The most memory of a process, in kilobytes, that decides about so many rows."""
    given, out = folder / f"{rows}.jsonl", folder / "decided.parquet"
    with given.open("w") as file:
        for number in range(rows):
            row = {
                "id": number,
                "decided_at": f"2026-01-{number % 28 + 1:02}T00:00:00Z",
                "note": f"{number}{NOTE}",
            }
            file.write(json.dumps(row) + "\n")
    options = ["--now", "2036-01-10T00:00:00Z", "--memory", LIMIT, "--policies", ROOT / "policies"]
    command = [
        sys.executable,
        "-c",
        PEAK,
        "batch",
        "record_retention",
        "--facts",
        given,
        "--out",
        out,
        *options,
    ]
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with duckdb.connect() as connection:
        counted = f"SELECT count(*), count(DISTINCT id), min(length(note)) FROM '{out}'"
        assert connection.execute(counted).fetchone() == (rows, rows, len(NOTE) + 1)
    given.unlink()
    return int(ran.stdout.splitlines()[-1])


@pytest.mark.full
def test_four_times_the_rows_take_hardly_more_memory(tmp_path: Path) -> None:
    """The larger file is larger than the limit."""
    small, large = peak_of(tmp_path, 400_000), peak_of(tmp_path, 1_600_000)
    assert large < small * 1.5
