"""Reports bands with gaps or overlaps, and ignores tables that are not bands."""

import pytest

from documents.diagnostics import Diagnostic
from engine.lint import seamless_bands

from .findings import found_by, messages, policy_of

HALF_OPEN = "score >= row.from && score < row.to"
CLOSED = "score >= row.from && score <= row.to"
OPEN = "score > row.from && score < row.to"
VALUES = """\
  both: max(score, other)
  either: 'mode == "x" ? score : other'
"""


def found_in(
    rows: list[str], when: str = HALF_OPEN, kind: str = "double", groups: str = ""
) -> list[Diagnostic]:
    lines = "\n".join(f"      - {row}" for row in rows)
    limit = {"double": "0.5", "int": "5", "duration": "5d", "timestamp": "2026-01-01T00:00:00Z"}[kind]
    names = "from" if not groups else "from, kind"
    return found_by(
        seamless_bands,
        policy_of(
            f"facts: {{score: {kind}, other: {kind}, topic: string, mode: string}}\n"
            f"values:\n{VALUES}"
            f"parameters:\n  limit: {{type: {kind}, value: {limit}}}\n  bands:\n    table: {{{groups}from: {kind}, to: {kind}}}\n"
            f"    key: [{names}]\n    rows:\n{lines}\n"
            f"rules:\n  - {{id: band, for_each: {{row: bands}}, when: '{when}', then: deny}}"
        ),
    )


def test_a_gap_is_reported_at_the_row_after_it():
    problems = found_in(["[0.0, 0.5]", "[0.6, 1.0]"])
    assert messages(problems) == [
        ("warning", "this band of `bands` begins at 0.6, and the one before it, on line 11, ends at 0.5")
    ]
    assert (problems[0].line, problems[0].column) == (12, 10)
    assert problems[0].hint == "end the band on line 11 at `0.6`, or begin this one at `0.5`"


def test_an_overlap_is_reported():
    problems = found_in(["[0.0, 0.5]", "[0.4, 1.0]"])
    assert messages(problems) == [
        ("warning", "this band of `bands` begins at 0.4, before the one on line 11 ends at 0.5")
    ]


def test_bands_are_compared_in_their_order_not_in_that_of_the_rows():
    problems = found_in(["[0.6, 1.0]", "[0.0, 0.5]"])
    assert [(d.line, d.message[-25:]) for d in problems] == [(11, ", on line 12, ends at 0.5")]


def test_a_band_within_another_leaves_no_gap_behind_it():
    problems = found_in(["[0, 10]", "[2, 3]", "[10, 20]"], kind="int")
    assert [d.message for d in problems] == [
        "this band of `bands` begins at 2, before the one on line 11 ends at 10"
    ]


def test_a_band_that_ends_before_it_begins_is_reported():
    problems = found_in(["[0.0, 0.5]", "[1.0, 0.5]"])
    assert messages(problems) == [("warning", "this band of `bands` ends before it begins")]


def test_bands_with_the_upper_end_in_are_compared_too():
    assert len(found_in(["[0, 5]", "[6, 9]"], "score > row.from && score <= row.to", "int")) == 1


def test_bands_of_whole_numbers_with_both_ends_in_meet_one_apart():
    when = "score >= row.from && score <= row.to"
    assert found_in(["[0, 5]", "[6, 9]"], when, "int") == []
    assert len(found_in(["[0, 5]", "[5, 9]"], when, "int")) == 1
    assert len(found_in(["[0, 5]", "[7, 9]"], when, "int")) == 1


def test_bands_written_the_other_way_round_are_compared_too():
    assert len(found_in(["[0.0, 0.5]", "[0.6, 1.0]"], "row.to > score && row.from <= score")) == 1


def test_durations_are_shown_as_people_read_them():
    problems = found_in(["[0d, 7d]", "[8d, 30d]"], kind="duration")
    assert problems[0].message.endswith("begins at 8 days, and the one before it, on line 11, ends at 7 days")


def test_each_group_has_its_own_bands():
    when, groups = f"topic == row.kind && {HALF_OPEN}", "kind: string, "
    assert found_in(["[a, 0.0, 0.5]", "[b, 0.0, 0.7]", "[a, 0.5, 1.0]"], when, groups=groups) == []
    problems = found_in(["[a, 0.0, 0.5]", "[b, 0.5, 0.7]", "[a, 0.6, 1.0]"], when, groups=groups)
    assert [d.line for d in problems] == [13]


@pytest.mark.parametrize(
    ("rows", "when"),
    [
        (["[0.0, 0.5]", "[0.5, 1.0]"], HALF_OPEN),
        (["[0.5, 1.0]", "[0.0, 0.5]"], HALF_OPEN),
        (["[0.2, 0.5]"], HALF_OPEN),
        (["[0.0, 0.0]", "[0.0, 1.0]"], HALF_OPEN),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score >= row.from"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score >= row.from || score < row.to"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score >= row.from && other < row.to"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score == row.from && other == row.to"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score >= row.from && score <= row.to"),
        (["[0.0, 0.5]", "[0.0, 0.5]"], f"{HALF_OPEN} && other > row.from"),
        (["[0.0, 1.0]", "[0.2, 0.5]"], f"{HALF_OPEN} && other != row.from"),
        (["[0.0, 0.99]", "[1.0, 1.99]"], "score >= row.from && score <= row.to"),
        (["[0.0, 0.5]", "[0.5, 1.0]"], f"{CLOSED} && other != row.from"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score >= row.from && score < row.from"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "score + other >= row.from && score - other < row.to"),
        (["[0.0, 0.5]", "[0.6, 1.0]"], "limit >= row.from && limit < row.to"),
    ],
)
def test_rows_that_are_not_bands_are_not_reported(rows: list[str], when: str):
    assert found_in(rows, when) == []


@pytest.mark.parametrize(
    "further",
    ["!(other > row.from)", "other != row.from", "other >= row.from && other < row.to", "other < row.to"],
)
def test_further_tests_of_the_row_hide_neither_a_gap_nor_bands_that_cross(further: str):
    assert len(found_in(["[0.0, 0.5]", "[0.6, 1.0]"], f"{HALF_OPEN} && {further}")) == 1
    assert len(found_in(["[0.0, 0.5]", "[0.4, 1.0]"], f"{HALF_OPEN} && {further}")) == 1
    assert found_in(["[0.0, 0.5]", "[0.5, 1.0]"], f"{HALF_OPEN} && {further}") == []


def test_further_tests_of_facts_do_not_hide_a_gap():
    assert len(found_in(["[0.0, 0.5]", "[0.6, 1.0]"], f'mode == "x" && {HALF_OPEN}')) == 1


@pytest.mark.parametrize("value", ["either", "both", "score + other", "(score + other)"])
def test_bands_of_a_named_value_and_of_a_sum_are_compared_too(value: str):
    when = f"{value} >= row.from && {value} < row.to"
    assert found_in(["[0.0, 0.5]", "[0.5, 1.0]"], when) == []
    assert len(found_in(["[0.0, 0.5]", "[0.6, 1.0]"], when)) == 1
    assert len(found_in(["[0.0, 0.5]", "[0.4, 1.0]"], when)) == 1


@pytest.mark.parametrize(
    ("kind", "ends", "at"),
    [
        ("double", ("0.0", "0.5", "0.9"), "0.5"),
        ("duration", ("2d", "5d", "10d"), "5d"),
        (
            "timestamp",
            ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            "2026-02-01T00:00:00Z",
        ),
    ],
)
@pytest.mark.parametrize(
    ("when", "verdict", "hint"),
    [
        (CLOSED, "the rows of `bands` on lines 11 and 12 both apply", "write `<` for `<=`"),
        (
            "row.to >= score && row.from <= score",
            "the rows of `bands` on lines 11 and 12 both apply",
            "write `>` for `>=`",
        ),
        (OPEN, "neither of the rows of `bands` on lines 11 and 12 applies", "write `<=` for `<`"),
    ],
)
def test_a_border_in_both_bands_or_neither_is_reported_once_in_the_rule(
    kind: str, ends: tuple[str, str, str], at: str, when: str, verdict: str, hint: str
):
    first, second, third = ends
    rows = [f"[{first}, {second}]", f"[{second}, {third}]"]
    [problem] = found_in(rows, when, kind)
    assert (problem.message, problem.hint) == (f"at exactly `{at}` {verdict}", hint)
    assert problem.source_line[problem.column - 1 :].startswith(
        when.split(" && ")[0 if when[0] == "r" else 1]
    )
    [old, new] = hint.replace("`", "").removeprefix("write ").split(" for ")[::-1]
    assert (
        found_in(
            rows,
            when.replace(f" {old} row.to", f" {new} row.to").replace(f"row.to {old} ", f"row.to {new} "),
            kind,
        )
        == []
    )


def test_whole_numbers_in_no_band_are_reported_too():
    [problem] = found_in(["[0, 5]", "[5, 9]"], OPEN, "int")
    assert problem.message == "at exactly `5` neither of the rows of `bands` on lines 11 and 12 applies"
    assert found_in(["[0, 5]", "[4, 9]"], OPEN, "int") == []
    assert found_in(["[0, 5]", "[5, 9]", "[0, 9]"], f"{OPEN} && other != row.from", "int") == []


def test_the_hint_about_a_gap_between_bands_with_both_ends_in_also_mends_their_border():
    [problem] = found_in(["[0d, 7d]", "[8d, 30d]"], CLOSED, "duration")
    assert problem.hint is not None and problem.hint.endswith("; and write `<` for `<=` in the rule")
    assert found_in(["[0d, 8d]", "[8d, 30d]"], HALF_OPEN, "duration") == []
