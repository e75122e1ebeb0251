"""`comity sql`: what it writes, and what it refuses. tests/decisions/test_policy_in_postgresql.py runs what it writes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import commands
from tests.engine.policies import RETURNS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "returns.yaml").write_text(RETURNS)
    return tmp_path


def sql(folder: Path, *args: str, policy: str = "returns") -> tuple[int, str]:
    command = ["sql", policy, "--policies", str(folder), "--table", "shop.sales", *args]
    ran = CliRunner().invoke(commands(), command)
    return ran.exit_code, ran.output


def test_statement_names_the_columns_that_it_reads(folder: Path) -> None:
    code, said = sql(folder, "--for", "postgresql", "--keep", "id", "--columns", "outcome")
    assert code == 0
    assert said.splitlines()[:10] == [
        "-- The policy returns, version 1. Write this again when the policy changes.",
        "-- It reads these columns of shop.sales:",
        "--   paid boolean",
        "--   amount bigint or integer or smallint",
        "--   bought_at timestamp with time zone",
        "--   closed_at timestamp with time zone",
        "--   email text or character varying",
        "--   buyer_id text or character varying",
        'SELECT t."id", d.outcome',
        'FROM "shop"."sales" AS t',
    ]


def test_what_the_database_reads_differently_is_refused_with_its_place(folder: Path) -> None:
    path = folder / "returns.yaml"
    path.write_text(RETURNS.replace('email.endsWith("@spam.example")', "email.matches('^a+$')"))
    code, said = sql(folder, "--for", "postgresql")
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "matches" in text)
    assert code == 1
    assert said.startswith(f"{path}:{line}:")
    assert (
        "error[not-in-sql]: a pattern, which PostgreSQL reads differently, cannot be written exactly in SQL"
        in said
    )
    assert said.rstrip().endswith("hint: `comity batch` decides about such rows")


def test_fact_whose_type_changed_cannot_be_one_column(folder: Path) -> None:
    second = RETURNS.replace("version: 1", "version: 2").replace("2026-01-01", "2026-02-01")
    second = second.replace("{type: int, show: true}", "{decimal: 2, show: true}").replace(
        "amount > 1000", "amount > 1000.00"
    )
    (folder / "returns.yaml").write_text(f"{RETURNS}---\n{second}")
    assert sql(folder, "--for", "postgresql") == (
        1,
        "comity: the versions of the policy declare the fact `amount` with different types, which one column cannot have\n",
    )


@pytest.mark.parametrize(
    ("args", "policy", "said"),
    [
        (["--for", "oracle"], "returns", "comity: `--for oracle`: the databases are postgresql, spark"),
        (["--for", "postgresql", "--columns", "errors"], "returns", "comity: `--columns errors`: the columns are outcome,"),
        (["--for", "postgresql", "--columns", ""], "returns", "comity: `--columns `: the columns are outcome,"),
        (["--for", "postgresql"], "return", "comity: there is no policy `return`; did you mean `returns`?"),
    ],
)  # fmt: skip
def test_wrong_use(folder: Path, args: list[str], policy: str, said: str) -> None:
    code, output = sql(folder, *args, policy=policy)
    assert (code, output[: len(said)]) == (2, said)


def test_unknown_policy_among_many_has_no_hint() -> None:
    """Neither a near name nor a list of a few."""
    code, said = sql(Path("policies"), "--for", "spark", policy="payout")
    assert (code, said) == (2, "comity: there is no policy `payout`\n")
