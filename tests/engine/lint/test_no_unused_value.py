"""Reports named values that nothing uses."""

import pytest

from engine.lint import no_unused_value

from .findings import found_by, messages, policy_with

RULE = "{id: few, when: many < 1, then: allow}"


def test_an_unused_value_is_reported_at_its_name():
    (problem,) = found_by(no_unused_value, policy_with("many: int", RULE, rest="values: {more: many + 1}"))
    assert messages([problem]) == [("warning", "the value `more` is never used")]
    assert problem.length == 4


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        ("{id: few, when: more < 1, then: allow}", "values: {more: many + 1}"),
        ("{id: few, when: most < 1, then: allow}", "values: {more: many + 1, most: more + 1}"),
        (RULE, "values: {more: many + 1}\noutputs: {more: {type: int, value: more}}"),
        ("{id: few, when: many < 1, then: allow, set: {sum: more}}", "values: {more: many + 1}\noutputs: {sum: {type: int?}}"),
    ],
)  # fmt: skip
def test_a_value_used_by_a_rule_output_or_value_is_not_reported(rule: str, rest: str):
    assert found_by(no_unused_value, policy_with("many: int", rule, rest=rest)) == []
