"""Optimizations of the compiler over the reference: tables as dictionaries, loops as functions, shared conditions."""

import ast
from collections.abc import Mapping
from typing import Any

import pytest

from documents.source import Source
from engine import Bundle, load_sources
from engine.backends.python.rules import RuleEmitter
from tests.engine.generated.values import NOW
from tests.engine.golden import completed
from tests.engine.meanings import AT, MEANINGS, bundle_with
from tests.engine.meanings import FACTS as MEANT

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


def test_message_of_a_row_has_its_cells_and_the_facts() -> None:
    text = (
        TABLES
        + """\
facts: {buyer_id: string, amount: {type: int, show: true}}
rules:
  - {id: over, for_each: {row: limits}, when: row.kind == buyer_id && amount > row.most, then: deny,
     message: "{amount} is more than {row.most} of {row.kind}.", obligations: [hold]}
"""
    )
    decision = bundle_of(text).decide("example", {"buyer_id": "a", "amount": 2}, now=NOW)
    assert (decision.rule, decision.reason) == ("over[a/1]", "over")
    assert (decision.message, decision.obligations) == ("2 is more than 1 of a.", ("hold",))


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


@pytest.mark.parametrize(("text", "type_", "value"), MEANINGS, ids=[text for text, _, _ in MEANINGS])
def test_meaning_of_an_expression(text: str, type_: str, value: object) -> None:
    version = bundle_with(text, type_).version_at("meanings", NOW)
    checked, errors = version.facts_check.check(MEANT)
    assert errors == ()
    assert version.outputs is not None and AT is not None
    assert version.outputs(checked, AT, 0) == (value,)


SHARED = """\
hit: {hit}
conditions:
  large: amount > 1
  late: grace > days(1)
  once: ratio > 0.5
  after: status == "open"
rules:
  - {{id: a, when: large && confirmed, then: deny}}
  - {{id: b, when: confirmed && (late || once), unless: large, then: deny}}
  - {{id: c, when: late || large, then: deny}}
  - {{id: d, for_each: {{row: limits}}, when: row.kind == buyer_id && late, then: deny}}
  - {{id: e, when: after && late, then: deny}}
  - {{id: f, for_each: {{row: limits}}, when: 'lines.exists(l, l.by == row.kind) && after', then: deny}}
  - {{id: g, then: deny}}
"""


@pytest.mark.parametrize(
    ("hit", "take", "take_kept", "empty"),
    [
        ("first", "return {}", "return min(kept)", []),
        (
            "worst",
            "hits.append({})",
            "hits.extend(sorted(set(kept)) if len(kept) > 1 else kept)",
            ["hits = []"],
        ),
    ],
)
def test_condition_that_is_used_again_is_remembered_where_it_was_surely_computed(
    hit: str, take: str, take_kept: str, empty: list[str]
) -> None:
    validated = bundle_of(SHARED.format(hit=hit)).version_at("example", NOW).validated
    emitter = RuleEmitter(validated, hit)
    rules = [line for n, rule in enumerate(validated.rules) for line in emitter.rule(rule, n)]
    lines = ast.Module([*emitter.prologue(), *rules], [])
    late = "((c_late := (f_grace > 86400000000)) if c_late is None else c_late)"
    assert ast.unparse(ast.fix_missing_locations(lines)).splitlines() == [
        "f_amount = facts['amount']",
        "f_buyer_id = facts['buyer_id']",
        "f_confirmed = facts['confirmed']",
        "f_grace = facts['grace']",
        "f_lines = facts['lines']",
        "f_ratio = facts['ratio']",
        "f_status = facts['status']",
        "c_late = None",
        *empty,
        "if (c_large := (f_amount > 1)) and f_confirmed:",
        "    " + take.format(0),
        f"if (f_confirmed and ({late} or f_ratio > 0.5)) and (not c_large):",
        "    " + take.format(1),
        "if (c_late := (f_grace > 86400000000)) or c_large:",
        "    " + take.format(2),
        "if (v_0_row := t_0.get(f_buyer_id, None)) is not None and c_late:",
        "    " + take.format("v_0_row[2] + 3"),
        "if (c_after := (f_status == 'open')) and c_late:",
        "    " + take.format(4),
        "rows = t_1",
        "kept = []",
        "for v_l in f_lines:",
        "    if (v_row := rows.get(v_l['by'], None)) is not None and c_after:",
        "        kept.append(v_row[2] + 5)",
        "if kept:",
        "    " + take_kept,
        take.format(6),
    ]


def test_row_is_looked_up_once_for_all_rules_over_a_table() -> None:
    rules = """\
rules:
  - {id: a, for_each: {row: limits}, when: row.kind == buyer_id && amount > 1, then: deny}
  - {id: b, for_each: {other: limits}, when: 'other.kind == buyer_id && lines.all(l, l.by == other.kind)', then: deny}
  - {id: c, for_each: {row: limits}, when: row.kind == seller_id, then: deny}
"""
    validated = bundle_of(rules).version_at("example", NOW).validated
    emitter = RuleEmitter(validated, "first")
    lines = ast.Module([line for n, rule in enumerate(validated.rules) for line in emitter.rule(rule, n)], [])
    assert ast.unparse(ast.fix_missing_locations(lines)).splitlines() == [
        "if (v_0_row := t_0.get(f_buyer_id, None)) is not None and f_amount > 1:",
        "    return v_0_row[2]",
        "if v_0_row is not None and q_0(f_lines, v_0_row):",
        "    return v_0_row[2] + 1",
        "if (v_1_row := t_0.get(f_seller_id, None)) is not None:",
        "    return v_1_row[2] + 2",
    ]


QUOTES = "'\""


def quoted(text: str) -> str:
    return '"' + text + '"'
