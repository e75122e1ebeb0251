"""Reports conditions that no rule uses, directly or through others."""

import pytest

from engine.lint import no_unused_condition

from .findings import found_by, messages, policy_with


def test_an_unused_condition_is_reported_at_its_name():
    rest = "conditions:\n  large: n > 3"
    (problem,) = found_by(
        no_unused_condition, policy_with("n: int", "{id: many, when: n > 3, then: deny}", rest=rest)
    )
    assert (problem.line, problem.column) == (6, 3)
    assert messages([problem]) == [("warning", "the condition `large` is never used")]


def test_conditions_that_only_use_each_other_are_all_reported():
    rest = "conditions: {a: n > 3, b: a || n < 0, c: b && a}"
    problems = found_by(
        no_unused_condition, policy_with("n: int", "{id: many, when: n > 3, then: deny}", rest=rest)
    )
    assert [d.message.split("`")[1] for d in problems] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        ("{id: many, when: large, then: deny}", ""),
        ("{id: many, unless: large, then: deny}", ""),
        ("{id: many, when: n < 9 && !large, then: deny}", ""),
        ("{id: many, when: n > 3, then: deny}", "outputs: {is_large: {type: bool, value: large}}"),
        ("{id: many, when: 'l.exists(x, x > 1 && large)', then: deny}", ""),
    ],
)
def test_a_used_condition_is_not_reported(rule: str, rest: str):
    validated = policy_with("n: int\nl: {list: int}", rule, rest=f"conditions: {{large: n > 3}}\n{rest}")
    assert found_by(no_unused_condition, validated) == []


def test_a_condition_used_through_another_is_not_reported():
    rest = "conditions: {a: n > 3, b: a || n < 0, c: b && a}"
    validated = policy_with("n: int", "{id: many, when: c, then: deny}", rest=rest)
    assert found_by(no_unused_condition, validated) == []
