"""A CASE that asks few tests says the same as its conditions, one by one."""

import itertools
import random
from collections.abc import Callable, Mapping, Sequence

import duckdb
import pytest

from engine.backends.sql import formulas
from engine.backends.sql.dialects.duckdb import DUCKDB
from engine.backends.sql.dialects.spark import SPARK
from engine.backends.sql.formulas import (
    Above,
    All,
    Equal,
    Formula,
    Negated,
    Plain,
    Some,
    bits,
    both,
    either,
    first,
    in_sql,
    negated,
)
from engine.batch.statement import write_statement
from tests.engine.batch.rows import MICROS
from tests.engine.policies import shipped

KINDS, NUMBERS, FLAGS = ("a", "b", "c"), (0, 1, 2, 3, 4), (True, False)
ROWS = list(itertools.product(KINDS, NUMBERS, FLAGS, FLAGS))
Row = Mapping[str, object]


def a_formula(chance: random.Random, depth: int = 3) -> Formula:
    kind = chance.randrange(7 if depth else 3)
    if kind == 0:
        chosen = chance.sample(KINDS, chance.choice((1, 1, 2)))
        return Equal("kind", tuple(f"'{value}'" for value in chosen))
    if kind == 1:
        bound = chance.randrange(5)
        return Above("number", bound, chance.random() < 0.5, str(bound))
    if kind == 2:
        return Plain(chance.choice(("flag", "other")))
    parts = [a_formula(chance, depth - 1) for _ in range(chance.choice((1, 2, 3)))]
    if kind == 3:
        return negated(parts[0])
    return both(parts) if kind < 6 else either(parts)


def holds(formula: Formula, row: Row) -> bool:
    match formula:
        case bool():
            return formula
        case Plain(text=text):
            return bool(row[text])
        case Equal(values=values):
            return f"'{row['kind']}'" in values
        case Above(bound=bound, beyond=beyond):
            number = row["number"]
            assert isinstance(number, int)
            return number > bound if beyond else number >= bound
        case Negated(of=inner):
            return not holds(inner, row)
        case All(of=parts):
            return all(holds(part, row) for part in parts)
        case Some(of=parts):
            return any(holds(part, row) for part in parts)


@pytest.fixture(scope="module")
def answers() -> Callable[[str], list[object]]:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE rows (kind TEXT, number INTEGER, flag BOOLEAN, other BOOLEAN)")
    connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", ROWS)

    def ask(sql: str) -> list[object]:
        return [
            answer for (answer,) in connection.execute(f"SELECT {sql} FROM rows ORDER BY rowid").fetchall()
        ]

    return ask


def rows() -> list[Row]:
    return [dict(zip(("kind", "number", "flag", "other"), row, strict=True)) for row in ROWS]


@pytest.mark.parametrize("seed", range(20))
def test_same_answers(seed: int, answers: Callable[[str], list[object]]) -> None:
    chance = random.Random(seed)
    asked = [a_formula(chance) for _ in range(chance.choice((1, 3, 8)))]
    assert answers(in_sql(asked[0])) == [holds(asked[0], row) for row in rows()]
    numbered = [(formula, 1 << n) for n, formula in enumerate(asked)]
    assert answers(bits(DUCKDB, numbered)) == [
        sum(bit for formula, bit in numbered if holds(formula, row)) for row in rows()
    ]
    named = [(formula, str(n)) for n, formula in enumerate(asked)]
    assert answers(first(named, "-1")) == [first_of(named, row) for row in rows()]


@pytest.mark.parametrize("seed", range(20))
def test_table_of_answers_says_the_same(
    seed: int, answers: Callable[[str], list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    numbered = [(a_formula(chance), 1 << n) for n in range(chance.choice((1, 3, 8)))]
    by_case = bits(DUCKDB, numbered)
    monkeypatch.setattr(formulas, "WORTH_A_TABLE", 0)
    by_table = bits(DUCKDB, numbered)
    assert by_table.startswith("list_extract(")
    assert answers(by_table) == answers(by_case)
    monkeypatch.setattr(formulas, "MOST_CELLS", 0)
    assert bits(DUCKDB, numbered) == by_case


def first_of(named: Sequence[tuple[Formula, str]], row: Row) -> int:
    return next((int(name) for formula, name in named if holds(formula, row)), -1)


def test_bits_of_one_number_that_follow_each_other_are_asked_at_once(
    answers: Callable[[str], list[object]],
) -> None:
    asked = [(Plain(f"((number & {bit}) <> 0)", "number", bit), str(bit)) for bit in (4, 2, 1, 8)]
    written = first([*asked, (Plain("flag"), "9")], "0")
    assert "((number & 15) <> 0)" in written
    assert answers(written) == [first_of_bits(row) for row in rows()]


def first_of_bits(row: Row) -> int:
    number = row["number"]
    assert isinstance(number, int)
    return next((bit for bit in (4, 2, 1, 8) if number & bit), 9 if row["flag"] else 0)


def test_bounds_of_a_number_are_halved() -> None:
    """Of 15 bounds, four are asked about each item."""
    written = bits(DUCKDB, [(Above("number", n, False, str(n)), 1 << n) for n in range(15)])
    assert deepest(written) == 4


def deepest(sql: str) -> int:
    depth = most = 0
    for word in sql.split():
        depth += (word == "CASE") - (word.rstrip(",)") == "END")
        most = max(most, depth)
    return most


def test_conditions_that_do_not_fit_into_one_case_are_asked_one_by_one() -> None:
    """Each of these numbers would multiply the text by the number of its bounds."""
    tests = [[Above(f"n{n}", bound, False, str(bound)) for bound in range(9)] for n in range(6)]
    asked = [(negated(both([row[k] for row in tests])), 1 << k) for k in range(9)]
    asked += [(either([both(row[k:]) for row in tests]), 1 << (9 + k)) for k in range(9)]
    assert len(bits(DUCKDB, asked)) < 20_000


def test_what_is_known_when_the_query_is_written_is_not_asked() -> None:
    """Rows of tables have constants: `row.category in hard_categories` is decided without the database."""
    versions = shipped().policies["moderation_profiles"]
    written = write_statement(SPARK, versions, "messages", MICROS, ["rule"])
    assert "'threat' IN" not in written
    assert "'normal' =" not in written
    assert written.count("CASE `v1_f0` WHEN 'normal'") == 1  # `mode`, once for all rules
