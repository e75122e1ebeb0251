"""A batch decides every row as the engine does: of the shipped policies in every format, and of generated policies."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from documents.source import Source
from documents.strict_json import StrictJSONError, parse_json
from engine import load_sources
from engine.batch import run as runs
from engine.expression.types import Type
from tests.engine.backends.test_differential import bundle_of as bundle_of_generated
from tests.engine.batch.rows import (
    CELLS,
    MISFITS,
    Row,
    a_misfit,
    a_row,
    a_typed_misfit,
    batch,
    decided,
    moments,
    write_cells,
    write_lines,
    write_parquet,
)
from tests.engine.generated.chance import FULL
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.policies import bundle_of, shipped
from tests.sampling import rows_to_compare, sample_rows

ROWS = rows_to_compare(334_000) if FULL else 80
"""The rows of each format; a full run compares a million of each policy."""
CHUNK = 50_000
GENERATED = 1_000 if FULL else 4
FORMATS = ("parquet", "jsonl", "csv")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
POLICY = """
policy: numbers
version: 1
effective_from: 2020-01-01T00:00:00Z
facts: {{x: {kind}}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {{id: it, when: x == x, then: deny, source: a test}}
otherwise: {{id: other, then: allow, permit_because: a test}}
outputs:
  y: {{type: {kind}, value: x}}
"""
NAMES = [
    (f"{policy}.{FORMATS[(p + k) % 3]}", ZONES[(2 * p + k) % 3])
    for p, policy in enumerate(sorted(shipped().policies))
    for k in range(3)
]


@pytest.fixture(params=["UTC"], autouse=True)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone of the database's session."""
    connect = runs.connect

    def connect_in_zone(*args: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*args)
        connection.execute(f"SET TimeZone = '{request.param}'")
        return connection

    monkeypatch.setattr(runs, "connect", connect_in_zone)


def some_rows(chance: random.Random, policy: str, form: str, count: int, path: Path) -> list[Row]:
    """Write rows, of which two in five do not fit; return them as the engine gets them."""
    version = shipped().policies[policy].newest
    types = {name: fact.type for name, fact in version.validated.policy.facts.items()}
    words = [
        v for p in version.validated.policy.parameters.values() if isinstance(p.value, tuple) for v in p.value
    ]
    names = ["a", "b", "", "\u00c9\U0001f600", *(str(w).upper() for w in words[:5])]
    near = moments(version)
    valid = [a_row(chance, types, near, names) for _ in range(count)]
    if form == "parquet":
        rows = [row if chance.random() < 0.6 else a_typed_misfit(chance, row, types) for row in valid]
        return write_parquet(path, [{"id": n, **row} for n, row in enumerate(rows)], types)
    rows = [row if chance.random() < 0.6 else a_misfit(chance, row, [*MISFITS, *CELLS]) for row in valid]
    if form == "jsonl":
        return write_lines(path, [{"id": n, **row} for n, row in enumerate(rows)])
    return write_cells(
        path, [{"id": n, **{name: row.get(name) for name in types}} for n, row in enumerate(rows)], types
    )


def compare(policy: str, given: Sequence[Row], results: Sequence[Row]) -> Counter[str]:
    reasons: Counter[str] = Counter()
    assert len(given) == len(results)
    for row, result in zip(given, results, strict=True):
        assert {n: v for n, v in result.items() if n != "id"} == decided(shipped(), policy, row), row
        assert str(result["id"]) == str(row["id"])
        reasons[result["reason"]] += 1
    return reasons


def check(policy: str, form: str, path: Path, rows: int, seed: int) -> None:
    chance, reasons = random.Random(seed), Counter[str]()
    refused = by_engine = 0
    for start in range(0, rows, CHUNK):
        given = some_rows(chance, policy, form, min(CHUNK, rows - start), path)
        done, results = batch(shipped(), policy, path)
        reasons += compare(policy, given, results)
        refused += done.refused
        by_engine += done.by_engine
        assert (done.rows, done.not_expressible, done.missing) == (len(given), {}, ())
    # Only rows that do not fit go through the engine, except for JSON and CSV written in unusual ways.
    assert rows / 10 < refused <= by_engine < rows * 0.7
    assert len(reasons) > 3


@pytest.mark.parametrize(("name", "zone"), sample_rows(NAMES, every=3), indirect=["zone"])
def test_shipped_policies_decide_alike(name: str, rows_file: Path) -> None:
    policy, _, form = name.partition(".")
    check(policy, form, rows_file.with_suffix(f".{form}"), ROWS, seed=random.getrandbits(64) if FULL else 1)


EVERY_KIND = """\
policy: kinds
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  flag: bool
  count: int
  share: double
  amount: {decimal: 2}
  word: string
  state: {enum: [open, shut]}
  at: timestamp
  span: duration
  words: {list: string}
  shares: {list: double}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: much, when: share > 0.5 || count > 1, then: allow}
otherwise: {id: other, then: deny}
"""
FITTING: Row = {
    "flag": True, "count": 1, "share": 0.5, "amount": "1.50", "word": "a", "state": "open", "at": "2026-01-01T00:00:00Z",
    "span": "1d", "words": ["a"], "shares": [0.5],
}  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_every_misfit_of_every_kind_is_decided_alike(form: str, rows_file: Path) -> None:
    bundle, path = bundle_of(EVERY_KIND), rows_file.with_suffix(f".{form}")
    rows = [{**FITTING, name: value} for name in FITTING for value in [*MISFITS, *CELLS, 1.5e20, -(2**70)]]
    types = {name: fact.type for name, fact in bundle.policies["kinds"].newest.validated.policy.facts.items()}
    given = write_lines(path, rows) if form == "jsonl" else write_cells(path, rows, types)
    _, results = batch(bundle, "kinds", path)
    for row, result in zip(given, results, strict=True):
        assert result == decided(bundle, "kinds", row), row


@pytest.mark.parametrize(
    ("zone", "form"), [("Europe/Berlin", "parquet"), ("America/New_York", "jsonl")], indirect=["zone"]
)
def test_zone_of_the_session_changes_nothing(form: str, rows_file: Path) -> None:
    check("retention", form, rows_file.with_suffix(f".{form}"), 100, seed=2)


@pytest.mark.fuzz
def test_generated_policies_decide_alike(rows_file: Path) -> None:
    path, sql = rows_file.with_suffix(".jsonl"), 0
    first = random.getrandbits(64) if FULL else 0
    for seed in range(first, first + GENERATED):
        chance = random.Random(seed)
        generated = a_policy(chance)
        bundle, _ = bundle_of_generated(generated)
        rows = [{"at": chance.choice(MOMENTS), **some_facts(chance, generated.facts)} for _ in range(6)]
        given = write_lines(path, rows)
        done, results = batch(bundle, "generated", path, now="at")
        assert done.not_expressible == {}
        for row, sent, result in zip(rows, given, results, strict=True):
            facts = {name: value for name, value in sent.items() if name != "at"}
            expected = decided(bundle, "generated", facts, row["at"])
            assert {n: v for n, v in result.items() if n != "at"} == expected, (
                f"seed {seed}\n{generated.text}{sent}"
            )
        sql += done.rows - done.by_engine
    assert sql > GENERATED * 3


NUMBERS = [
    "0",
    "-0",
    "01",
    "-01",
    "1.0",
    "1",
    "1e3",
    "1E3",
    "1e400",
    "-1e400",
    " 1",
    "1 ",
    "+1",
    ".5",
    "1.",
    "0x1",
    "1_0",
    "NaN",
]
NUMBERS += ["9007199254740992", "9007199254740993", "18446744073709551616", "1180591620717411303424"]
NUMBERS += ["1180591620717411303424.0", "1" * 30, "1" * 31, "true", "null", '"1"', "\u0661"]


@pytest.mark.parametrize("kind", ["int", "double"])
def test_number_is_read_as_json_says_it(kind: str, rows_file: Path) -> None:
    text = POLICY.format(kind=kind)
    bundle = load_sources([Source("numbers.yaml", text)]).bundle
    assert bundle is not None
    cells = write_cells(rows_file.with_suffix(".csv"), [{"x": n} for n in NUMBERS], {"x": Type(kind)})  # type: ignore[arg-type]
    _, results = batch(bundle, "numbers", rows_file.with_suffix(".csv"))
    assert results == [decided(bundle, "numbers", row) for row in cells]
    lines = [f'{{"x": {number}}}' for number in NUMBERS]
    rows_file.with_suffix(".jsonl").write_text("".join(f"{line}\n" for line in lines))
    _, results = batch(bundle, "numbers", rows_file.with_suffix(".jsonl"))
    for line, result in zip(lines, results, strict=True):
        try:
            facts = parse_json(line.encode())
        except StrictJSONError:
            assert result["reason"] == "invalid-json", line
        else:
            assert result == decided(bundle, "numbers", facts), line


ZEROS = """\
policy: zeros
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {x: double}
parameters: {none: {list: double, value: [-0.0]}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: every, when: 'x == 0.0 && x == -0.0 && x in [-0.0] && x in none', then: allow}
otherwise: {id: other, then: deny}
outputs:
  written: {type: bool, value: '0.0 in [-0.0]'}
  listed: {type: bool, value: '0.0 in none'}
  negated: {type: bool, value: 'x != -0.0 || x != 0.0'}
"""


def test_zeros_are_equal_whatever_their_sign(rows_file: Path) -> None:
    path = rows_file.with_suffix(".jsonl")
    given = write_lines(path, [{"x": 0.0}, {"x": -0.0}, {"x": 1.0}])
    _, results = batch(bundle_of(ZEROS), "zeros", path)
    assert results == [decided(bundle_of(ZEROS), "zeros", row) for row in given]
    assert [result["outcome"] for result in results] == ["allow", "allow", "deny"]
