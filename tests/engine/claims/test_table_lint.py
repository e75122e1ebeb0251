"""Gaps and overlaps of tables that only a solver finds, each once and with an input; and tables that mean to be as they are."""

import json

import pytest

from engine.claims.lint import find
from tests.engine.policies import bundle_of

HEAD = """\
policy: parcels
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  weight: {type: int, min: 0, max: 100}
  length: int
  share: double
  express: bool
  sent_at: timestamp?
  size: {enum: [small, medium, large]}
  tags: {list: {kind: {enum: [a, b]}, n: int}}
outcomes: [send, stop]
on_error: stop
otherwise: {id: not-sent, then: stop}
outputs: {fee: {type: int, default: 0}}
"""
BANDS = "{name: string, from: int, below: int, low: int, high: int, fee: int}"
INSIDE = (
    "weight + length >= row.from && weight + length < row.below && length > row.low && length <= row.high"
)


def found(columns: str, rows: str, when: str, more: str = "", key: str = "name", set_: str = "row.fee"):
    text = (
        f"{HEAD}parameters:\n  fees:\n    table: {columns}\n    key: [{key}]\n    rows: [{rows}]\n"
        f"rules:\n{more}  - {{id: fee, for_each: {{row: fees}}, when: '{when}', then: send, set: {{fee: {set_}}}}}\n"
    )
    [version] = bundle_of(text).policies["parcels"].all
    return [d for d in find(version) if d.code.startswith("table-")]


def given(finding) -> dict[str, object]:
    message = finding.message
    shown, _ = json.JSONDecoder().raw_decode(message[message.index("{") :])
    return dict(shown)


def test_a_gap_within_bands_of_two_values_is_shown_with_an_input():
    rows = "[a, 0, 50, 0, 50, 1], [b, 50, 90, 0, 20, 2], [c, 50, 90, 30, 50, 3]"
    [gap] = found(BANDS, rows, INSIDE)
    assert (gap.code, gap.severity) == ("table-gap", "warning")
    assert gap.source_line.strip() == "fees:" and gap.message.endswith("so `not-sent` decides")
    facts = given(gap)
    assert 20 < facts["length"] <= 30 and 50 <= facts["weight"] + facts["length"] < 90


def test_an_overlap_of_bands_of_two_values_is_shown_with_an_input():
    rows = "[a, 0, 50, 0, 50, 1], [b, 50, 90, 0, 20, 2], [c, 50, 90, 19, 50, 3]"
    [overlap] = found(BANDS, rows, INSIDE)
    assert (overlap.code, overlap.severity) == ("table-overlap", "warning")
    assert overlap.message.startswith("the rows `b` and `c` of `fees` both apply, given {")
    facts = given(overlap)
    assert facts["length"] == 20 and 50 <= facts["weight"] + facts["length"] < 90


KEYED = "{size: {enum: [small, medium, large]}, express: bool, fee: int}"
FIVE = "[small, true, 1], [small, false, 2], [medium, true, 3], [medium, false, 4], [large, true, 5]"
KEYS = "row.size == size && row.express == express"


def test_a_missing_combination_of_keys_is_a_gap():
    [gap] = found(KEYED, FIVE, KEYS, key="size, express")
    assert (gap.code, given(gap)["size"], given(gap)["express"]) == ("table-gap", "large", False)


def test_a_key_that_only_some_inputs_can_have():
    """The guard leaves `large` out, but not the combination with `express`."""
    rows = "[small, true, 1], [small, false, 2], [medium, true, 3], [large, true, 4], [large, false, 4]"
    [gap] = found(KEYED, rows, f"sent_at != null && sent_at < now && {KEYS}", key="size, express")
    assert given(gap)["size"] == "medium" and given(gap)["sent_at"] is not None
    assert found(KEYED, rows, f'size != "medium" && {KEYS}', key="size, express") == []


def test_a_bound_of_a_fact_that_the_last_band_leaves_out_is_a_gap():
    columns, rows = "{name: string, from: int, below: int, fee: int}", "[a, 0, 50, 1], [b, 50, 100, 2]"
    [gap] = found(columns, rows, "weight >= row.from && weight < row.below")
    assert given(gap)["weight"] == 100
    assert found(columns, rows, "length >= row.from && length < row.below") == []
    assert found(columns, rows.replace("100", "101"), "weight >= row.from && weight < row.below") == []


def test_a_table_that_two_rules_read_is_reported_once():
    more = "  - {id: dear, for_each: {row: fees}, when: 'row.size == size && row.express == express && weight > 9', then: stop}\n"
    assert len(found(KEYED, FIVE, KEYS, more, key="size, express")) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "{id: slow, when: 'size == \"large\" && !express', then: stop}",
        "{id: rest, when: 'size == \"large\"', then: stop}",
        "{id: slow, when: '!express', then: stop}",
    ],
)
def test_a_gap_that_another_rule_decides_is_not_reported(rule):
    assert found(KEYED, FIVE, KEYS, f"  - {rule}\n", key="size, express") == []


@pytest.mark.parametrize(
    ("columns", "rows", "when"),
    [
        # ladders, in which the first row that applies is meant
        ("{name: string, from: int, fee: int}", "[a, 50, 1], [b, 10, 2], [c, 0, 3]", "length >= row.from"),
        (
            "{name: string, most: int, low: int, fee: int}",
            "[a, 5, 9, 1], [b, 50, 3, 2]",
            "weight <= row.most && length >= row.low",
        ),
        # bands within others
        (BANDS, "[a, 0, 10, 0, 10, 1], [b, 0, 20, 0, 20, 2]", INSIDE),
        # a staircase, without a row for the corners
        (BANDS, "[a, 0, 10, 0, 10, 1], [b, 10, 20, 10, 20, 2]", INSIDE),
        # a gap that no input reaches: what is longer than 20 has a sum above 20
        (BANDS, "[a, 0, 10, 0, 50, 1], [b, 10, 20, 0, 20, 2], [c, 10, 20, 30, 50, 3]", INSIDE),
        # rows that cross and answer alike
        (BANDS, "[a, 0, 50, 0, 50, 1], [b, 50, 90, 0, 20, 2], [c, 50, 90, 19, 50, 2]", INSIDE),
        # few of the combinations, as in a list of what is allowed
        ("{name: string, size: {enum: [small, medium, large]}, fee: int}", "[a, small, 1], [b, small, 2]", "row.size == size"),
        # texts, of which there are always more
        ("{name: string, fee: int}", "[a, 1], [b, 2]", "row.name == (express ? \"a\" : \"c\")"),
        # items of lists, several of which may apply
        ("{kind: {enum: [a, b]}, n: int, fee: int}", "[a, 5, 1], [b, 3, 2]", "tags.exists(x, x.kind == row.kind && x.n > row.n)"),
    ],
)  # fmt: skip
def test_tables_that_are_meant_are_not_reported(columns, rows, when):
    key = "kind" if "kind:" in columns else "name"
    assert found(columns, rows, when, key=key) == []


def test_what_another_lint_reports_is_not_reported_again():
    columns, rows = "{name: string, from: int, below: int, fee: int}", "[a, 0, 50, 1], [b, 60, 100, 2]"
    assert found(columns, rows, "length >= row.from && length < row.below") == []
