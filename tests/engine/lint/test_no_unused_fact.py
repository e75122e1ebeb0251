"""Reports facts that nothing uses, and no others."""

import pytest

from engine.lint import no_unused_fact

from .findings import found_by, messages, policy_with

RULE = "{id: own, when: buyer == '3', then: deny}"


def test_an_unused_fact_is_reported_at_its_name():
    (problem,) = found_by(no_unused_fact, policy_with("buyer: string\nsize: int", RULE))
    assert (problem.line, problem.column, problem.length) == (3, 3, 4)
    assert messages([problem]) == [("warning", "the fact `size` is never used")]


def test_a_fact_that_only_an_unused_condition_reads_is_reported():
    validated = policy_with("buyer: string\nsize: int", RULE, rest="conditions: {large: size > 3}")
    assert messages(found_by(no_unused_fact, validated)) == [("warning", "the fact `size` is never used")]


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        ("{id: own, when: size > 3, then: deny}", ""),
        ("{id: own, unless: size > 3, then: deny}", ""),
        ("{id: own, when: large, then: deny}", "conditions: {large: very, very: size > 3}"),
        ("{id: own, when: 'true', then: deny, message: 'It is {size}.'}", ""),
        ("{id: own, when: 'true', then: deny}", "otherwise: {id: rest, then: deny, message: 'It is {size}.'}"),
        ("{id: own, when: 'true', then: deny}", "outputs: {double: {type: int, value: size + size}}"),
        ("{id: own, when: '[1].exists(n, n == size)', then: deny}", ""),
        ("{id: own, for_each: {row: t}, when: size > row.n, then: deny}", "parameters: {t: {table: {n: int}, rows: [[1]]}}"),
    ],
)  # fmt: skip
def test_a_fact_that_anything_reads_is_not_reported(rule: str, rest: str):
    assert found_by(no_unused_fact, policy_with("size: {type: int, show: true}", rule, rest=rest)) == []


def test_a_list_of_which_only_the_size_is_read_is_not_reported():
    rule = "{id: own, when: 'size(items) > 3', then: deny}"
    assert found_by(no_unused_fact, policy_with("items: {list: {a: string}}", rule)) == []
