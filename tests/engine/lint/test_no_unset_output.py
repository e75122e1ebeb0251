"""Reports outputs that no rule sets."""

import pytest

from engine.lint import no_unset_output

from .findings import found_by, messages, policy_with

RULE = "{id: few, when: many < 1, then: allow}"


def test_an_output_that_nothing_sets_is_reported_at_its_name():
    (problem,) = found_by(
        no_unset_output, policy_with("many: int", RULE, rest="outputs:\n  fee: {type: int?}\n")
    )
    assert messages([problem]) == [("warning", "no rule sets the output `fee`")]
    assert (problem.column, problem.length) == (3, 3)


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        (
            "{id: few, when: many < 1, then: allow, set: {fee: many}}",
            "outputs: {fee: {type: int, default: 0}}",
        ),
        (RULE, "outputs: {fee: {type: int?}}\notherwise: {id: rest, then: deny, set: {fee: 1}}"),
        (RULE, "outputs: {fee: {type: int, value: many}}"),
    ],
)
def test_an_output_that_is_set_or_computed_is_not_reported(rule: str, rest: str):
    assert found_by(no_unset_output, policy_with("many: int", rule, rest=rest)) == []
