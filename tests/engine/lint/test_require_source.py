"""Tests for the `require-source` lint rule, which reports rules without a `source`."""

from engine.lint import require_source

from .findings import found_by, messages, policy_with

WITH = "{id: many, when: n > 3, then: deny, source: 'Trust council, 2026-02-11'}"
WITHOUT = "{id: few, when: n < 1, then: deny}"


def test_a_rule_without_a_source_is_reported_at_its_id():
    problems = found_by(require_source, policy_with("n: int", WITH, WITHOUT))
    assert messages(problems) == [("warning", "the rule `few` does not say who decided it")]
    assert (problems[0].line, problems[0].column) == (5, 10)


def test_the_source_of_the_policy_speaks_for_its_rules():
    assert found_by(require_source, policy_with("n: int", WITHOUT, rest="source: Phase 1 plan")) == []


def test_many_rules_without_a_source_are_one_warning():
    rules = [f"{{id: rule-{n}, when: n > {n}, then: deny}}" for n in range(11)]
    [(_, message)] = messages(found_by(require_source, policy_with("n: int", *rules)))
    assert message == "the rule `rule-0` does not say who decided it, nor do 10 others"


def test_two_rules_without_a_source_are_one_warning():
    [(_, message)] = messages(
        found_by(require_source, policy_with("n: int", WITH, WITHOUT, "{id: one, when: n == 1, then: deny}"))
    )
    assert message == "the rule `few` does not say who decided it, nor does one other"


def test_rules_with_sources_are_not_reported():
    assert found_by(require_source, policy_with("n: int", WITH)) == []


def test_a_table_rule_needs_one_source_for_all_its_rows():
    rule = "{id: many, for_each: {row: t}, when: n > row.n, then: deny, source: Trust council}"
    rest = "parameters: {t: {table: {n: int}, rows: [[5], [3]]}}"
    assert found_by(require_source, policy_with("n: int", rule, rest=rest)) == []
