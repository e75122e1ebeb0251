"""What `comity sql --for spark` writes decides as the engine does. `make test-spark` runs this, and needs Java."""

import json
import random
import re
import shlex
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engine.backends.sql.dialects.spark import SPARK
from engine.batch.statement import write_statement
from engine.cli import commands
from engine.cli.sql import OFFERED
from tests.engine.batch.rows import (
    MICROS,
    NOW,
    Row,
    a_row,
    a_typed_misfit,
    decided,
    moments,
    write_parquet,
)
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped
from tests.sampling import rows_to_compare
from tests.spark.running import run

ROOT = Path(__file__).parents[2]
ROWS = rows_to_compare(200_000) if FULL else 200
ZONES = ("UTC", "Europe/Berlin", "America/New_York")


def some_rows(policy: str, path: Path, seed: int) -> list[Row]:
    """Write rows, of which two in five do not fit; return them as the engine gets them."""
    chance, version = random.Random(seed), shipped().policies[policy].newest
    types = {name: fact.type for name, fact in version.validated.policy.facts.items()}
    near = moments(version)
    valid = [a_row(chance, types, near, ["a", "b", "", "\u00c9\U0001f600"]) for _ in range(ROWS)]
    rows = [row if chance.random() < 0.6 else a_typed_misfit(chance, row, types) for row in valid]
    return write_parquet(path, [{"id": number, **row} for number, row in enumerate(rows)], types)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A folder with the facts of each policy and what Spark decided, and the seed. One job runs them all, since a start takes
    long."""
    folder, seed = tmp_path_factory.mktemp("spark"), random.getrandbits(64) if FULL else 1
    jobs = []
    for number, policy in enumerate(sorted(shipped().policies)):
        (folder / policy).mkdir()
        some_rows(policy, folder / policy / "facts.parquet", seed)
        statement = write_statement(SPARK, shipped().policies[policy], "facts", MICROS, OFFERED, ["id"])
        jobs.append((policy, statement, ZONES[number % 3]))
    (folder / "jobs.json").write_text(json.dumps(jobs))
    run(ROOT / "tests" / "spark" / "job.py", folder, cwd=folder)
    return folder, seed


@pytest.mark.parametrize("policy", sorted(shipped().policies))
def test_shipped_policies_decide_alike(policy: str, answers: tuple[Path, int], tmp_path: Path) -> None:
    folder, seed = answers
    given = some_rows(policy, tmp_path / "again.parquet", seed)
    found = sorted(pq.read_table(folder / f"{policy}.out").to_pylist(), key=lambda row: row["id"])
    by_sql = 0
    for facts, answer in zip(given, found, strict=True):
        assert facts.pop("id") == answer["id"]
        expected = decided(shipped(), policy, facts)
        refused = bool(expected.pop("errors"))
        got = {name: answer[name] for name in OFFERED}
        if got["outputs"] is not None:
            got["outputs"] = json.loads(got["outputs"])
        assert got == (dict.fromkeys(OFFERED) if refused else expected), facts
        by_sql += not refused
    assert ROWS * 0.2 < by_sql < ROWS


def test_job_of_the_documentation(tmp_path: Path) -> None:
    fences = re.findall(r"```\w+ spark\n(.*?)```", (ROOT / "docs" / "batch.md").read_text(), re.DOTALL)
    write, job, rest = fences
    closed = {"status": "closed", "closed_at": NOW.replace(year=2026, month=1, day=2, hour=0)}
    rows = [
        {"status": "open", "closed_at": None},
        closed,
        {"status": "gone", "closed_at": None},
    ]
    same = {
        "legal_hold": False,
        "hold_released_at": None,
        "purge_started": False,
        "began_at": closed["closed_at"],
    }
    moment = pa.timestamp("us", "UTC")
    schema = pa.schema(
        [
            *(("id", pa.int64()), ("status", pa.string()), ("closed_at", moment), ("legal_hold", pa.bool_())),
            *(("hold_released_at", moment), ("purge_started", pa.bool_()), ("began_at", moment)),
        ]
    )
    for number, row in enumerate(rows):
        folder = tmp_path / "media" / f"country={'de' if number else 'at'}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            pa.Table.from_pylist([{"id": number, **row, **same}], schema), folder / f"{number}.parquet"
        )
    command, _, into = write.strip().rpartition(" >")
    (tmp_path / into).write_text(
        comity(*shlex.split(command.replace("--for", "--now 2026-11-01T00:00:00Z --for"))[1:])
    )
    (tmp_path / "job.py").write_text(job)
    run("job.py", cwd=tmp_path)
    by_spark = sorted(pq.read_table(tmp_path / "decided").to_pylist(), key=lambda row: row["id"])
    assert [(row["id"], row["outcome"], row["country"]) for row in by_spark] == [
        (0, "keep", "at"),
        (1, "delete", "de"),
    ]
    given = " ".join(f"--facts {file}" for file in sorted((tmp_path / "rest").glob("*.parquet")))
    command = rest.strip().replace("$(printf -- '--facts %s ' rest/*.parquet)", given)
    command = command.replace(" rest.parquet", f" {tmp_path}/rest.parquet")
    comity(*shlex.split(command)[1:], "--now", "2026-11-01T00:00:00Z")
    (left,) = pq.read_table(tmp_path / "rest.parquet").to_pylist()
    assert (left["id"], left["outcome"], left["reason"]) == (2, "keep", "unknown-value-fact:status")


def comity(*args: str) -> str:
    ran = CliRunner().invoke(commands(), [*args, "--policies", str(ROOT / "policies")])
    assert ran.exit_code == 0, ran.output
    return ran.stdout
