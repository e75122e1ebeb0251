"""Reports outcomes that cannot occur."""

import pytest

from engine.lint import no_unused_outcome

from .findings import found_by, messages, policy_with

OUTCOMES = "outcomes: [allow, flag, block]\non_error: block"


def test_an_unused_outcome_is_reported_where_it_is_listed():
    rest = f"{OUTCOMES}\notherwise: {{id: rest, then: block}}"
    (problem,) = found_by(
        no_unused_outcome, policy_with("n: int", "{id: few, when: n < 1, then: allow}", rest=rest)
    )
    assert messages([problem]) == [("warning", "no rule gives the outcome `flag`")]
    assert (problem.line, problem.column, problem.length) == (5, 19, 4)


@pytest.mark.parametrize(
    ("rules", "rest"),
    [
        (["{id: few, when: n < 1, then: allow}", "{id: many, when: n > 9, then: flag}"], "otherwise: {id: rest, then: block}"),
        (["{id: few, when: n < 1, then: allow}"], "otherwise: {id: rest, then: flag}"),
        (["{id: many, when: n > 9, then: flag}"], "otherwise: {id: rest, then: allow, permit_because: few do harm}"),
    ],
)  # fmt: skip
def test_an_outcome_of_a_rule_otherwise_or_on_error_is_not_reported(rules: list[str], rest: str):
    assert found_by(no_unused_outcome, policy_with("n: int", *rules, rest=f"{OUTCOMES}\n{rest}")) == []
