"""The compiler where it is cleverer than the reference: tables as dictionaries, loops as functions, shared conditions."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine import Bundle, load_sources
from engine.source import Source
from tests.engine.generated.values import NOW
from tests.engine.golden import completed

TABLES = """\
parameters:
  none: {table: {kind: string, most: int}, rows: []}
  limits: {table: {kind: string, most: int}, key: [kind, most], rows: [[a, 1], [a, 2], [b, 1]]}
  spans: {table: {span: duration, since: timestamp, on_off: bool}, key: [span, since, on_off],
    rows: [[90d, 2026-01-01T00:00:00Z, true], [36h, 2026-01-01T00:00:00Z, false]]}
"""
FACTS = {
    "buyer_id": "a",
    "seller_id": "b",
    "status": "open",
    "amount": 2,
    "ratio": 0.5,
    "grace": "36h",
    "confirmed": True,
    "tags": ["a"],
    "lines": [{"party": "buyer", "by": "a"}],
}


def bundle_of(text: str) -> Bundle:
    loaded = load_sources([Source("example.yaml", completed(text))])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle


def rule_of(text: str, facts: Mapping[str, Any] = FACTS) -> str:
    return bundle_of(text).decide("example", facts, now=NOW).rule


@pytest.mark.parametrize(
    ("when", "rule"),
    [
        ("row.kind == buyer_id", "over[a/1]"),
        ("buyer_id == row.kind && row.most == amount", "over[a/2]"),
        ("row.kind == seller_id && row.most <= amount", "over[b/1]"),
        ("row.most >= amount", "over[a/2]"),
        ("row.kind == buyer_id && row.kind == seller_id", "otherwise"),
        ("row.kind == 'b'", "over[b/1]"),
        ("confirmed && !(row.kind == buyer_id)", "over[b/1]"),
        ("closed_at != null && row.kind == buyer_id", "otherwise"),
    ],
)
def test_row_of_a_table(when: str, rule: str) -> None:
    rules = f'rules: [{{id: over, for_each: {{row: limits}}, when: "{when}", then: deny}}]\n'
    assert rule_of(TABLES + rules) == rule


def test_row_name_shows_values_as_yaml_writes_them() -> None:
    rules = "rules: [{id: late, for_each: {row: spans}, when: row.span == grace, then: deny}]\n"
    assert rule_of(TABLES + rules) == "late[36h/2026-01-01T00:00:00Z/false]"


def test_table_without_rows_leaves_the_next_table_alone() -> None:
    rules = """\
rules:
  - {id: first, for_each: {row: none}, when: row.most == amount, then: deny}
  - {id: second, for_each: {row: limits}, when: row.kind == seller_id, then: deny}
"""
    assert rule_of(TABLES + rules) == "second[b/1]"


def test_name_of_a_row_may_be_the_name_of_an_item_elsewhere() -> None:
    rules = """\
conditions:
  bought: lines.exists(row, row.by == buyer_id)
rules:
  - {id: table, for_each: {row: limits}, when: row.most > amount && bought, then: deny}
  - {id: items, when: 'bought && lines.all(row, row.party == "buyer")', then: deny}
"""
    assert rule_of(TABLES + rules) == "items"


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ("tags.filter(t, t != 'x')", "{list: string}", ("a",)),
        ("lines.map(l, l.by)", "{list: string}", ("a",)),
        ("closed_at", "timestamp?", None),
        ("now", "timestamp", NOW),
        ("size(tags) + amount - -1", "int", 4),
        ("status", "{enum: [open, closed, new]}", "open"),
        ("'confirmed ? \"new\" : status'", "{enum: [open, closed, new]}", "new"),
        ("lines.filter(l, true)", "{list: {party: {enum: [seller, buyer]}, by: string, sent_at: 'timestamp?'}}",
         ({"party": "buyer", "by": "a", "sent_at": None},)),
    ],
)  # fmt: skip
def test_output(value: str, type_: str, expected: object) -> None:
    text = f"outputs: {{found: {{type: {type_}, value: {value if value[0] in QUOTES else quoted(value)}}}}}\n"
    assert bundle_of(text).decide("example", FACTS, now=NOW).outputs == {"found": expected}


QUOTES = "'\""


def quoted(text: str) -> str:
    return '"' + text + '"'
