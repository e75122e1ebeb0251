"""Reports redundant comparisons, hexadecimal numbers, and a literal `$` before a placeholder."""

import pytest

from engine.lint import plain_spelling

from .findings import found_by, messages, policy_of

FACTS = "facts: {n: int, paid: bool, left: {type: duration, show: true}, price: {type: int, show: true}}"


def found_in(condition: str = "paid", message: str = "No.") -> list[tuple[str, str, str | None]]:
    rule = f"rules:\n  - id: one\n    when: {condition}\n    then: deny\n    message: {message}"
    problems = found_by(plain_spelling, policy_of(f"{FACTS}\n{rule}"))
    return [(d.message, d.hint, d.source_line[d.column - 1 :][: d.length]) for d in problems]


@pytest.mark.parametrize(
    ("condition", "plain"),
    [
        ("paid == true", "paid"),
        ("paid != false", "paid"),
        ("paid == false", "!paid"),
        ("true != paid", "!paid"),
        ("(n > 1) == false", "!((n > 1))"),
    ],
)
def test_a_comparison_with_true_or_false_is_reported(condition: str, plain: str):
    written = f"'{plain}'" if plain.startswith("!") else plain  # YAML reads an unquoted `!` as a tag
    assert found_in(condition) == [
        (f"`{condition}` says no more than `{plain}`", f"write `{written}`", condition)
    ]


def test_a_number_in_base_16_is_reported_in_place():
    assert found_in("paid && n > 0x1F4") == [("`0x1F4` is a number in base 16", "write `500`", "0x1F4")]


def test_named_conditions_and_outputs_are_looked_at_too():
    text = f"{FACTS}\nconditions: {{is_paid: paid == true}}\noutputs: {{large: {{type: bool, value: n > 0x10}}}}\n"
    problems = found_by(
        plain_spelling, policy_of(f"{text}rules:\n  - {{id: one, when: is_paid, then: deny}}")
    )
    assert [m for _, m in messages(problems)] == [
        "`paid == true` says no more than `paid`",
        "`0x10` is a number in base 16",
    ]


def test_a_dollar_before_a_quoted_value_is_reported_but_not_before_money():
    assert [m for m, _, _ in found_in(message="You have ${left}.")] == [
        "the `$` before `left` is shown to people"
    ]
    assert found_in(message="It costs ${price}, in $.") == []


@pytest.mark.parametrize("condition", ["paid", "n == 16", "paid == (n > 1)", "'!paid && !(paid && n > 10)'"])
def test_what_is_plain_is_not_reported(condition: str):
    assert found_in(condition) == []


@pytest.mark.parametrize(
    ("message", "unit"),
    [
        ("You have {window} days.", "days"),
        ("It takes {window} hours.", "hours"),
        ("The {window}-day limit.", "day"),
        ("After {window}h.", "h"),
        ("You have {left} days.", "days"),
    ],
)
def test_a_unit_after_a_duration_is_reported_in_place(message: str, unit: str):
    rest = "parameters: {window: {type: duration, value: 30d, show: true}}"
    rule = f"rules:\n  - id: one\n    when: paid\n    then: deny\n    message: '{message}'"
    (problem,) = found_by(plain_spelling, policy_of(f"{FACTS}\n{rest}\n{rule}"))
    reads = "with its unit" if "left" in message else "as `30 days`"
    quoted = message[message.index("{") : message.index("}") + 1]
    assert problem.message == f"`{quoted}` reads {reads} already, and `{unit}` follows it"
    assert (problem.hint, problem.source_line[problem.column - 1 :][: problem.length]) == (
        f"leave out `{unit}`",
        unit,
    )


@pytest.mark.parametrize(
    "message", ["You have {left}.", "{left} at most.", "{price} days.", "{left} daily.", "{left} (days)"]
)
def test_no_other_word_after_a_value_is_reported(message: str):
    assert found_in(message=f'"{message}"') == []
