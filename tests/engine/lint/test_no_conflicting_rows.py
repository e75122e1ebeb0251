"""Reports rows that repeat or contradict another row, and no others."""

import pytest

from documents.diagnostics import Diagnostic
from engine.lint import no_conflicting_rows

from .findings import found_by, messages, policy_of


def found_in(columns: str, rows: list[str], key: str = "") -> list[Diagnostic]:
    lines = "\n".join(f"      - {row}" for row in rows)
    return found_by(
        no_conflicting_rows,
        policy_of(
            f"facts: {{a: string}}\nparameters:\n  limits:\n    table: {columns}\n    {key}\n    rows:\n{lines}\n"
            "rules: [{id: any, for_each: {row: limits}, when: a == 'x', then: deny}]"
        ),
    )


def test_a_duplicate_row_is_reported():
    problems = found_in("{kind: string, most: int}", ["[a, 1]", "[b, 2]", "[a, 1]"])
    assert messages(problems) == [("warning", "this row of `limits` repeats the one on line 7")]
    assert (problems[0].line, problems[0].column, problems[0].length) == (9, 9, 6)


def test_two_rows_with_one_key_and_different_values_are_reported():
    problems = found_in("{kind: string, most: int}", ["[a, 1]", "[a, 2]"])
    assert messages(problems) == [("warning", "this row of `limits` contradicts line 7: both are about `a`")]
    others = "delete one, or add the column that distinguishes them to `key: [kind, …]`"
    assert problems[0].hint == f"correct `a` in one of the two, {others}"
    assert (problems[0].column, problems[0].length) == (10, 1)


def test_the_only_unused_enum_value_is_suggested():
    problems = found_in("{kind: {enum: [a, b]}, most: int}", ["[a, 1]", "[a, 2]"])
    assert problems[0].hint is not None and problems[0].hint.startswith(
        "write `b`, the only unused value, in one of the two, "
    )


def test_a_key_of_two_columns_is_compared_whole():
    columns, key = "{mode: string, kind: string, most: int}", "key: [mode, kind]"
    problems = found_in(columns, ["[u, a, 1]", "[u, b, 1]", "[v, a, 1]", "[u, a, 2]"], key)
    assert messages(problems) == [
        ("warning", "this row of `limits` contradicts line 7: both are about `u/a`")
    ]


@pytest.mark.parametrize(
    ("columns", "rows", "key"),
    [
        ("{kind: string, most: int}", ["[a, 1]", "[b, 1]"], ""),
        ("{kind: string, most: int}", ["[a, 1]", "[A, 1]"], ""),
        ("{kind: string, most: int}", ["['1', 1]", "['01', 1]"], ""),
        ("{kind: string, from: int}", ["[a, 1]", "[a, 2]"], "key: [kind, from]"),
        ("{within: duration, most: int}", ["[1d, 1]", "[25h, 1]"], ""),
    ],
)
def test_rows_with_different_keys_are_not_reported(columns: str, rows: list[str], key: str):
    assert found_in(columns, rows, key) == []


def test_a_value_written_in_another_unit_is_the_same_value():
    assert len(found_in("{within: duration, most: int}", ["[1d, 1]", "[24h, 1]"])) == 1


def test_rows_of_two_tables_are_not_compared():
    validated = policy_of("""
        facts: {a: string}
        parameters:
          one: {table: {k: string}, rows: [[x]]}
          two: {table: {k: string}, rows: [[x]]}
        rules:
          - {id: r1, for_each: {row: one}, when: a == row.k, then: deny}
          - {id: r2, for_each: {row: two}, when: a == row.k, then: allow}
    """)
    assert found_by(no_conflicting_rows, validated) == []
