"""A part that cannot be read is reported once, at its place, and not again where it is used."""

import pytest

from documents.source import Source
from engine.policy.loader import load
from engine.policy.validator import validate
from tests.engine.mistakes import POLICY


def codes_of(*changes: tuple[str, str]) -> list[str]:
    text = POLICY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    policies, problems = load(Source("a.yaml", text))
    return [d.code for d in problems] + [d.code for policy in policies for d in validate(policy)[1]]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("overdue: borrowed", "overdue: [borrowed", "yaml-syntax"),
        ("overdue: borrowed.exists(b, b.due_at < now)", "overdue: {a: b}", "not-text"),
        ("overdue: borrowed.exists(b, b.due_at < now)", "overdue:", "empty-expression"),
        ("overdue: borrowed.exists(b, b.due_at < now)", "overdue: borrowed.exists(b, b.due_at <", "syntax"),
        ("overdue: borrowed.exists(b, b.due_at < now)", "overdue: borrowed.exists(b, b.due < now)", "unknown-field"),
        ("is_new: member_since == null ||", "is_new: member_since == null or", "syntax"),
        ("facts:\n", "fact:\n", "unknown-key"),
        ("conditions:\n", "condition:\n", "unknown-key"),
        ("parameters:\n", "params:\n", "unknown-key"),
        ("  member_since: timestamp?", "  member_since: date?", "unknown-type"),
        ("for_each: {row: tiers}", "for_each: tiers", "bad-for-each"),
        ("for_each: {row: tiers}", "for_each: [row, tiers]", "bad-for-each"),
        ("for_each: {row: tiers}", "for_each: {row: tires}", "unknown-table"),
        ("for_each: {row: tiers}", "for_each: {tiers: row}", "unknown-table"),
        ("table: {tier:", "columns: {tier:", "unknown-key"),
        ("show: true, help: How", "show: yes, help: How", "ambiguous-boolean"),
        ("outcomes: [lend, ask, refuse]", "outcomes: lend, ask, refuse", "not-a-list"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_error(before: str, after: str, code: str):
    assert codes_of((before, after)) == [code]


def test_a_name_with_a_capital_letter_is_reported_where_it_is_declared():
    changes = [
        ("overdue: borrowed", "Overdue: borrowed"),
        ("when: overdue", "when: Overdue"),
        ("'overdue ?", "'Overdue ?"),
    ]
    assert codes_of(*changes) == ["bad-name"]


def test_what_uses_a_broken_condition_gets_no_hint_to_test_for_null():
    guarded = ("  overdue:", "  joined: member_since != null and member_since < now\n  overdue:")
    user = ("when: overdue", "when: overdue && joined && member_since > now - days(3)")
    assert codes_of(guarded, user) == ["syntax"]


def test_an_error_beside_a_broken_condition_is_still_reported():
    broken = ("is_new: member_since == null ||", "is_new: member_since == null or")
    assert codes_of(broken, ("weight > 25.0", "weight > 25")) == ["syntax", "wrong-type"]
    assert codes_of(broken, ("weight > 25.0", "member_since < now")) == ["syntax", "may-be-null"]


def test_a_forgotten_dash_is_one_error():
    assert codes_of(("  - id: overdue", "    id: overdue")) == ["duplicate-key"]


def test_a_forgotten_line_between_versions_is_one_error():
    _, problems = load(Source("a.yaml", POLICY + POLICY.replace("version: 1", "version: 2")))
    assert [d.code for d in problems] == ["duplicate-key"]
    assert problems[0].hint is not None and "`---`" in problems[0].hint
