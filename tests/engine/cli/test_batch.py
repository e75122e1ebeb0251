"""`comity batch`: files in and out, what it says, and what it refuses."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from engine.batch.rows import Rows
from engine.cli import commands
from tests.engine.policies import FACTS, RETURNS, bundle_of

NOW = "2026-03-01T12:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "returns.yaml").write_text(RETURNS)
    return tmp_path


def lines(folder: Path, *rows: Any, name: str = "facts.jsonl") -> Path:
    path = folder / name
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def batch(folder: Path, *args: object, policy: str = "returns", out: str = "out.jsonl") -> tuple[int, str]:
    command = [
        "batch",
        policy,
        "--policies",
        str(folder / "policies"),
        "--out",
        str(folder / out),
        *map(str, args),
    ]
    ran = CliRunner().invoke(commands(), command)
    return ran.exit_code, ran.output


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def test_rows_are_decided_in_order(folder: Path) -> None:
    given = lines(
        folder, {"id": 1, **FACTS}, {"id": 2, **FACTS, "paid": "no"}, {"id": 3, **FACTS, "paid": False}
    )
    code, said = batch(folder, "--facts", given, "--now", NOW)
    assert (code, said) == (0, "3 rows decided, 1 of them refused; 1 went through the engine one by one\n")
    one, two, three = written(folder)
    assert one == {
        "id": 1,
        "outcome": "allow",
        "rule": "in-time",
        "reason": "in-time",
        "outputs": {},
        "errors": [],
    }
    assert (two["rule"], two["reason"], two["errors"][0]["code"]) == (
        "on-error",
        "mistyped-fact:paid",
        "mistyped",
    )
    assert (three["id"], three["rule"]) == (3, "never-paid")


def test_moment_of_each_row(folder: Path) -> None:
    late = "2026-03-22T12:00:00.000001Z"
    rows = [
        {"at": at, **FACTS}
        for at in ("2026-03-22T11:59:59.999999Z", late, "soon", "2025-01-01T00:00:00Z", None)
    ]
    code, _ = batch(
        folder, "--facts", lines(folder, *rows), "--now", "at", "--columns", "rule,reason,version"
    )
    assert code == 0
    assert [(row["rule"], row["reason"], row["version"]) for row in written(folder)] == [
        ("in-time", "in-time", 1), ("too-late", "too-late", 1), (None, "bad-now", None),
        (None, "policy_not_in_force", None), (None, "bad-now", None),
    ]  # fmt: skip


def test_line_that_is_not_json_is_refused_alone(folder: Path) -> None:
    doubled = json.dumps(FACTS)[:-1] + ', "paid": false}'
    batch(folder, "--facts", lines(folder, "{", doubled, FACTS, "[]"), "--now", NOW)
    assert [row["reason"] for row in written(folder)] == [
        "invalid-json", "invalid-json", "in-time", "mistyped-fact:facts",
    ]  # fmt: skip


def test_csv_in_and_out(folder: Path) -> None:
    path = folder / "facts.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", *FACTS])
        writer.writeheader()
        writer.writerow({"id": "a,b", **FACTS, "paid": "true"})
        writer.writerow({"id": 2, **FACTS, "paid": "True"})
    code, _ = batch(folder, "--facts", path, "--now", NOW, "--columns", "rule,matched", out="out.csv")
    assert code == 0
    assert list(csv.DictReader((folder / "out.csv").read_text().splitlines())) == [
        {"id": "a,b", "rule": "in-time", "matched": '["in-time"]'},
        {"id": "2", "rule": "on-error", "matched": "[]"},
    ]


def test_parquet_in_and_out(folder: Path) -> None:
    given, path = lines(folder, {"id": 1, **FACTS}), folder / "facts[1].parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{given}') TO '{path}'")
        code, said = batch(folder, "--facts", path, "--now", NOW, out="out.parquet")
        assert (code, said) == (0, "1 row decided, 0 of them refused; 0 went through the engine one by one\n")
        result = connection.execute(
            f"SELECT id, outcome, rule, outputs FROM '{folder / 'out.parquet'}'"
        ).fetchall()
    assert result == [(1, "allow", "in-time", "{}")]
    # Polars takes a column of DuckDB's JSON for bytes.
    assert pq.read_schema(folder / "out.parquet").field("outputs").type == pa.string()


def test_moments_in_nanoseconds_are_refused(folder: Path) -> None:
    path = folder / "facts.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT TIMESTAMP_NS '2026-01-01 00:00:00' AS bought_at) TO '{path}'")
    assert batch(folder, "--facts", path) == (
        1, f"comity: `{path}`: the column `bought_at` is in nanoseconds: write it in microseconds\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("places", "amounts", "by_engine"), [(2, ["12.50", "-0.01", "1000.01"], 0), (3, ["12.500"], 1)]
)
def test_exact_numbers_of_parquet(folder: Path, places: int, amounts: list[str], by_engine: int) -> None:
    """With more places than declared, the engine refuses them."""
    text = RETURNS.replace("{type: int, show: true}", "{decimal: 2, show: true}").replace(
        "> 1000", "> 1000.00"
    )
    (folder / "policies" / "returns.yaml").write_text(text)
    given = lines(folder, *({**FACTS, "amount": amount} for amount in amounts))
    path = folder / "facts.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (amount::DECIMAL(18, {places}) AS amount) FROM '{given}') TO '{path}'"
        )
    code, said = batch(folder, "--facts", path, "--now", NOW, "--columns", "rule,message")
    assert (code, f"{by_engine} went through the engine" in said) == (0, True), said
    by_parquet = written(folder)
    batch(folder, "--facts", given, "--now", NOW, "--columns", "rule,message")
    assert by_parquet == written(folder)


def test_moments_as_spark_writes_them_by_default_are_refused(folder: Path) -> None:
    """They have no zone, so that every row would be refused for its missing offset."""
    path = folder / "facts.parquet"
    moment = pa.array([datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    facts = pa.table(
        {"at": moment, **{name: [value] for name, value in FACTS.items() if name != "bought_at"}}
    )
    for name, now in (("bought_at", NOW), ("when", "when")):
        pq.write_table(
            facts.append_column(name, moment).drop_columns("at"), path, use_deprecated_int96_timestamps=True
        )
        assert batch(folder, "--facts", path, "--now", now) == (
            1, f"comity: `{path}`: the column `{name}` is INT96, which has no zone: write it as TIMESTAMP_MICROS "
            "(in Spark, the setting `spark.sql.parquet.outputTimestampType`)\n",
        )  # fmt: skip
    pq.write_table(facts, path, use_deprecated_int96_timestamps=True)
    assert batch(folder, "--facts", path, "--now", NOW)[0] == 0  # a column to copy may have any type


def test_each_version_decides_its_rows(folder: Path) -> None:
    second = (
        RETURNS.replace("version: 1", "version: 2").replace("2026-01-01", "2026-02-01").replace("30d", "1d")
    )
    path = folder / "policies" / "returns.yaml"
    path.write_text(RETURNS + "---\n" + second)
    rows = [
        {"at": f"2026-{at}T00:00:00Z", **FACTS, "bought_at": "2026-01-25T00:00:00Z"}
        for at in ("01-31", "02-01")
    ]
    batch(folder, "--facts", lines(folder, *rows), "--now", "at", "--columns", "version,rule")
    assert [(r["version"], r["rule"]) for r in written(folder)] == [(1, "in-time"), (2, "too-late")]
    path.write_text(path.read_text().replace("facts:\n", "in_force_by: bought_at\nfacts:\n"))
    batch(folder, "--facts", lines(folder, *rows), "--now", "at", "--columns", "version,rule")
    assert [(r["version"], r["rule"]) for r in written(folder)] == [(1, "in-time"), (1, "in-time")]


def test_what_sql_cannot_say_goes_through_the_engine(folder: Path) -> None:
    path = folder / "policies" / "returns.yaml"
    path.write_text(RETURNS.replace('email.endsWith("@spam.example")', "email.matches('^\\\\pN')"))
    code, said = batch(folder, "--facts", lines(folder, FACTS, {**FACTS, "email": "\u0663"}), "--now", NOW)
    assert code == 0
    assert [row["rule"] for row in written(folder)] == ["in-time", "too-late"]
    assert "version 1 was decided by the compiler, row by row:" in said
    assert "a pattern over classes of Unicode cannot be written exactly in SQL" in said
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "matches" in text)
    assert f"{path}:{line}:" in said
    assert "2 rows decided, 0 of them refused; 2 went through the engine one by one" in said


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--columns", "rul"], 2, "comity: `--columns rul`: the columns are outcome, rule,"),
        (
            ["--now", "when"],
            1,
            "comity: `--now when` is neither a moment nor a column of the files, which have `amount`,",
        ),
        (["--keep", "when"], 1, "comity: `--keep when` is no column of the files"),
    ],
)
def test_wrong_use(folder: Path, args: list[str], code: int, said: str) -> None:
    (folder / "out.jsonl").write_text("before")
    exit_code, output = batch(folder, "--facts", lines(folder, FACTS), *args)
    assert (exit_code, output[: len(said)]) == (code, said)
    assert (folder / "out.jsonl").read_text() == "before"
    assert sorted(p.name for p in folder.iterdir()) == ["facts.jsonl", "out.jsonl", "policies"]


def test_column_that_is_written_must_be_free(folder: Path) -> None:
    given = lines(folder, {"rule": "mine", **FACTS})
    code, said = batch(folder, "--facts", given)
    assert (code, "the files have a column `rule` already" in said) == (1, True)
    assert batch(folder, "--facts", given, "--keep", "", "--now", NOW)[0] == 0
    assert written(folder)[0]["rule"] == "in-time"


def test_missing_column_is_named(folder: Path) -> None:
    given = lines(
        folder, {k: v for k, v in FACTS.items() if k not in ("paid", "closed_at")}, name="facts.jsonl"
    )
    table = folder / "facts.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{given}') TO '{table}'")
    code, said = batch(folder, "--facts", table, "--now", NOW)
    assert (code, written(folder)[0]["reason"]) == (0, "missing-fact:paid")
    assert said.startswith("comity: no file has the fact `paid`, so that rows which need it are refused\n")


def test_row_of_the_engine_never_raises() -> None:
    rows = Rows(bundle_of(dedent(RETURNS)), "returns", "json")
    assert rows.decide("1" * 5_000, NOW)["reason"] in ("invalid-json", "mistyped-fact:facts")
    assert rows.decide(json.dumps(FACTS), "2199-13-01T00:00:00Z")["reason"] == "bad-now"
    assert (rows.decided, rows.refused) == (2, 2)
