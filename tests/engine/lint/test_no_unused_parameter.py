"""Reports parameters that nothing uses, and no others."""

import pytest

from engine.lint import no_unused_parameter

from .findings import found_by, messages, policy_with

LIMIT = "limit: {type: int, value: 3, show: true}"


def test_an_unused_parameter_is_reported_at_its_name():
    validated = policy_with("n: int", "{id: many, when: n > 3, then: deny}", rest=f"parameters: {{{LIMIT}}}")
    (problem,) = found_by(no_unused_parameter, validated)
    assert (problem.line, problem.column) == (5, 14)
    assert messages([problem]) == [("warning", "the parameter `limit` is never used")]


def test_a_table_that_no_rule_iterates_is_reported():
    rest = "parameters: {rows_of: {table: {n: int}, rows: [[1]]}}"
    (problem,) = found_by(
        no_unused_parameter, policy_with("n: int", "{id: many, when: n > 3, then: deny}", rest=rest)
    )
    assert problem.hint == "delete it, or read it with `for_each` or `row`"


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        ("{id: many, when: n > limit, then: deny}", ""),
        ("{id: many, when: large, then: deny}", "conditions: {large: n > limit}"),
        ("{id: many, when: n > 3, then: deny, message: 'At most {limit}.'}", ""),
        ("{id: many, when: n > 3, then: deny}", "outputs: {most: {type: int, value: limit}}"),
        ("{id: many, when: n > 3, then: deny}", "otherwise: {id: rest, then: deny, message: 'At most {limit}.'}"),
    ],
)  # fmt: skip
def test_a_parameter_that_anything_reads_is_not_reported(rule: str, rest: str):
    validated = policy_with("n: int", rule, rest=f"parameters: {{{LIMIT}}}\n{rest}")
    assert found_by(no_unused_parameter, validated) == []


def test_a_table_that_a_rule_iterates_is_not_reported():
    rule = "{id: many, for_each: {row: t}, when: n > row.n, then: deny}"
    rest = "parameters: {t: {table: {n: int}, rows: [[1]]}}"
    assert found_by(no_unused_parameter, policy_with("n: int", rule, rest=rest)) == []
