"""The profile parameters as form fields."""

import pytest

from console.board import read_board, written
from decisions.trial import Tunable

LOOK = Tunable("look_from", "look_from", 0.3, 0.05, 0.9, "How far to look.")
CELLS = [
    Tunable(
        f"thresholds[{mode}/{category}].{column}",
        "thresholds",
        0.5,
        help="From which score.",
        row=(("mode", mode), ("category", category)),
        column=column,
    )
    for mode in ("normal", "dispute")
    for category in ("threat", "self_harm")
    for column in ("flag", "block")
]
THREAT_BLOCK = "thresholds[normal/threat].block"


def test_what_is_not_posted_is_as_in_force():
    board = read_board([LOOK, *CELLS], {})
    assert (board.edited, board.has_errors) == ({}, False)
    assert [field.text for field in board.scalars] == ["0.30"]


def test_changed_numbers_are_listed_by_name():
    board = read_board([LOOK, *CELLS], {"look_from": " 0.4 ", THREAT_BLOCK: "0.500", "other": "1"})
    assert board.edited == {"look_from": 0.4}
    assert [field.tunable.name for field in board.fields if field.edited] == ["look_from", THREAT_BLOCK]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("much", "This should be a number."),
        ("", "This should be a number."),
        ("nan", "This should be a number."),
        ("inf", "This should be a number."),
        ("0.01", "This should be at least 0.05."),
        ("1", "This should be at most 0.9."),
    ],
)
def test_invalid_number_is_reported_and_stays_as_in_force(text, error):
    board = read_board([LOOK], {"look_from": text})
    assert (board.edited, board.has_errors) == ({}, True)
    assert [(field.text, field.error) for field in board.scalars] == [(text, error)]


def test_tables_are_split_by_mode_and_show_what_was_found():
    [table] = read_board([LOOK, *CELLS], {}).tables("dispute", {"self_harm": 0.7})
    assert (table.title, table.help, table.columns) == ("Thresholds", "From which score.", ("flag", "block"))
    assert [(row.label, row.score) for row in table.rows] == [("threat", None), ("self harm", 0.7)]
    names = [field.tunable.name for row in table.rows for field in row.fields]
    assert names == [cell.name for cell in CELLS[4:]]
    assert [field.label for field in table.rows[1].fields] == [
        "dispute self harm flag",
        "dispute self harm block",
    ]


def test_table_that_knows_no_mode_belongs_to_both():
    cell = Tunable("limits[spam].most", "limits", 3, row=(("category", "spam"),), column="most")
    board = read_board([cell, *CELLS], {})
    assert [table.title for table in board.tables(None, {})] == ["Limits"]
    assert [table.title for table in board.tables("normal", {})] == ["Thresholds"]


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.50"), (2.0, "2.00"), (0.125, "0.125"), (3, "3")])
def test_numbers_are_written_as_in_the_policy(value, text):
    assert written(value) == text
