"""What `comity sql --for postgresql` writes decides as the engine does, or leaves a row to the engine."""

import csv
import json
import random
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from engine import Bundle
from engine.backends.backend import NotExpressible
from engine.backends.sql.dialects.postgresql import POSTGRESQL
from engine.batch.statement import write_statement
from engine.cli import commands
from engine.cli.sql import OFFERED
from engine.decision import ON_ERROR
from engine.expression.types import Type
from engine.expression.values import to_json
from tests.engine.backends.test_differential import bundle_of as bundle_of_generated
from tests.engine.batch.rows import (
    MICROS,
    MISFITS,
    NOW,
    Row,
    a_misfit,
    a_row,
    a_typed_misfit,
    decided,
    moments,
)
from tests.engine.generated.chance import FULL
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.policies import shipped
from tests.sampling import rows_to_compare

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]
ROOT = Path(__file__).parents[2]
ROWS = rows_to_compare(200_000) if FULL else 40
CHUNK = 20_000
GENERATED = 1_000 if FULL else 8
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
POLICIES = [(name, ZONES[n % 3]) for n, name in enumerate(sorted(shipped().policies))]
NESTED = ("list", "record")
JSON_MISFITS = [v for v in MISFITS if not (isinstance(v, str) and "\0" in v)]


def read(text: str) -> Any:
    """PostgreSQL writes 1e300 with 301 digits, which Python would read as a whole number."""
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else float(digits))


def types_of(bundle: Bundle, policy: str) -> dict[str, Type]:
    return {name: fact.type for name, fact in bundle.policies[policy].newest.validated.policy.facts.items()}


def a_stored_misfit(chance: random.Random, row: Row, types: Mapping[str, Type]) -> Row:
    """The row with one wrong value that a column of PostgreSQL can hold."""
    name = chance.choice(list(types))
    if types[name].kind in NESTED:
        return {**row, name: a_misfit(chance, {name: to_json(row[name])}, JSON_MISFITS).get(name)}
    wrong = a_typed_misfit(chance, {name: row[name]}, {name: types[name]})[name]
    return {**row, name: wrong.replace("\0", "0") if isinstance(wrong, str) else wrong}


def store(types: Mapping[str, Type], rows: Sequence[Row], extra: str = "") -> None:
    """A new table `facts` with these rows, numbered."""
    columns = "".join(f', "{name}" {POSTGRESQL.column_types(type_)[0]}' for name, type_ in types.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE facts (id bigint{extra}{columns}) ON COMMIT DROP")
        named = ", ".join(f'"{name}"' for name in rows[0])
        with cursor.copy(f"COPY facts ({named}) FROM STDIN") as copy:
            for number, row in enumerate(rows):
                values = {**row, "id": number}
                copy.write_row([stored(value, types.get(name)) for name, value in values.items()])


def stored(value: Any, type_: Type | None) -> Any:
    if type_ is None or value is None:
        return value
    return Jsonb(to_json(value)) if type_.kind in NESTED else value


def rows_of(statement: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row if row.get("outputs") is None else {**row, "outputs": read(row["outputs"])} for row in rows]


def in_session(zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL TimeZone = '{zone}'")


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE facts")


def check(policy: str, count: int, chance: random.Random) -> int:
    """Compare rows, of which two in five do not fit; return how many SQL decided."""
    version, types = shipped().policies[policy].newest, types_of(shipped(), policy)
    near = moments(version)
    valid = [a_row(chance, types, near, ["a", "b", "", "\u00c9\U0001f600"]) for _ in range(count)]
    rows = [row if chance.random() < 0.6 else a_stored_misfit(chance, row, types) for row in valid]
    store(types, [{"id": None, **row} for row in rows])
    statement = write_statement(POSTGRESQL, shipped().policies[policy], "facts", MICROS, OFFERED, ["id"])
    sent = rows_of("SELECT id, row_to_json(facts)::text AS facts FROM facts ORDER BY id")
    by_sql = 0
    for given, answer in zip(sent, sorted(rows_of(statement), key=lambda r: r["id"]), strict=True):
        assert given["id"] == answer.pop("id")
        facts = {name: value for name, value in json.loads(given["facts"]).items() if name != "id"}
        expected = decided(shipped(), policy, facts)
        refused = bool(expected.pop("errors"))
        assert answer == (dict.fromkeys(OFFERED) if refused else expected), facts
        by_sql += not refused
    drop()
    return by_sql


@pytest.mark.parametrize(("policy", "zone"), POLICIES)
def test_shipped_policies_decide_alike(policy: str, zone: str) -> None:
    in_session(zone)
    chance = random.Random(random.getrandbits(64) if FULL else 1)
    by_sql = sum(check(policy, min(CHUNK, ROWS - start), chance) for start in range(0, ROWS, CHUNK))
    assert ROWS * 0.2 < by_sql < ROWS


@pytest.mark.fuzz
def test_generated_policies_decide_alike() -> None:
    first, by_sql = random.getrandbits(64) if FULL else 0, 0
    for seed in range(first, first + GENERATED):
        chance = random.Random(seed)
        generated = a_policy(chance)
        bundle, _ = bundle_of_generated(generated)
        types = types_of(bundle, "generated")
        rows = [{"at": chance.choice(MOMENTS), **some_facts(chance, generated.facts)} for _ in range(6)]
        try:
            statement = write_statement(
                POSTGRESQL, bundle.policies["generated"], "facts", "at", OFFERED, ["id"]
            )
        except NotExpressible:
            assert ".matches(" in generated.text
            continue
        names = [{"id": None, "at": row["at"], **{n: row.get(n) for n in types}} for row in rows]
        store(types, names, extra=", at timestamptz")
        for row, answer in zip(rows, sorted(rows_of(statement), key=lambda r: r["id"]), strict=True):
            facts = {n: v for n, v in json.loads(json.dumps(to_json(row))).items() if n != "at"}
            expected = decided(bundle, "generated", facts, row["at"])
            # SQL is not sure about a message with a double, or several rows that apply under `hit: unique`.
            if answer["version"] is not None:
                by_sql += 1
                assert expected["rule"] != ON_ERROR
                assert answer == {"id": answer["id"], **{n: expected[n] for n in OFFERED}}, f"seed {seed}"
        drop()
    assert by_sql > GENERATED * 2


MEDIA = ("open", None, False, None, False, "2026-02-01T00:00:00Z")
CLOSED = ("closed", "2026-02-02T00:00:00Z", False, None, False, "2026-02-01T00:00:00Z")
GIVEN = [
    MEDIA,
    CLOSED,
    ("closed", "2100-01-01T00:00:00Z", *CLOSED[2:]),
    ("gone", *MEDIA[1:]),
    (*MEDIA[:-1], "infinity"),
]


def test_view_of_the_documentation(tmp_path: Path) -> None:
    fences = re.findall(r"```(\w+) postgresql\n(.*?)```", (ROOT / "docs" / "batch.md").read_text(), re.DOTALL)
    (_, table), (_, view), (_, query), (_, rest) = fences
    with connection.cursor() as cursor:
        cursor.execute(table)
        for number, row in enumerate(GIVEN):
            cursor.execute("INSERT INTO media VALUES (%s, %s, %s, %s, %s, %s, %s)", [number, *row])
        create, select = re.fullmatch(r"\(echo '(.*)'; comity (.*)\) \| psql shop\n", view).groups()
        cursor.execute(f"{create}\n{comity(*shlex.split(select), '--policies', str(ROOT / 'policies'))}")
    found = rows_of(query.rstrip(";\n"))
    assert [(row["id"], row["rule"]) for row in found] == [(1, "time-is-up")]
    select, batch = re.fullmatch(r"psql -AtX shop -c '([^']*)' >rest.jsonl\ncomity (.*)\n", rest).groups()
    lines = [row["line"] for row in rows_of(f"SELECT line::text FROM ({select}) AS psql(line)")]
    assert [json.loads(line)["id"] for line in lines] == [3, 4]
    (tmp_path / "rest.jsonl").write_text("".join(f"{line}\n" for line in lines))
    given, out = (str(tmp_path / name) for name in ("rest.jsonl", "rest.csv"))
    comity(
        *shlex.split(batch.replace("rest.jsonl", given).replace("rest.parquet", out)),
        "--policies",
        str(ROOT / "policies"),
    )
    answers = list(csv.DictReader(Path(out).read_text().splitlines()))
    assert [(row["id"], row["outcome"], row["reason"]) for row in answers] == [
        ("3", "keep", "unknown-value-fact:status"), ("4", "keep", "bad-timestamp-fact:began_at"),
    ]  # fmt: skip


def comity(*args: str) -> str:
    ran = CliRunner().invoke(commands(), list(args))
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_condition_about_the_table_uses_its_index() -> None:
    types = types_of(shipped(), "record_retention")
    store(types, [{"id": None, "decided_at": NOW}])
    statement = write_statement(POSTGRESQL, shipped().policies["record_retention"], "facts", None, OFFERED)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON facts (id)")
        cursor.execute(f"CREATE TEMPORARY VIEW answers AS {statement}")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT outcome FROM answers WHERE id = 0")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (id = 0)" in plan, plan


def test_column_of_another_type_leaves_its_rows_to_the_engine() -> None:
    """A moment without a zone would mean another one in each session."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE facts ON COMMIT DROP AS SELECT TIMESTAMP '2026-01-02' AS decided_at"
        )
    policy = shipped().policies["record_retention"]
    for now in (MICROS, "decided_at"):
        statement = write_statement(POSTGRESQL, policy, "facts", now, ["outcome"])
        assert [row["outcome"] for row in rows_of(statement)] == [None]
