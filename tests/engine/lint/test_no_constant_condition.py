"""Reports conditions that are always true or always false, whatever the facts are."""

import re

import pytest

from engine.lint import no_constant_condition
from engine.lint.parts import MAX_PARTS

from .findings import found_by, messages, policy_of, policy_with

FACTS = "facts: {n: int, m: int, text: string, word: {enum: [a, b, c]}, yes_no: bool, items: {list: string}, at: timestamp?}"
LIMIT = "parameters: {limit: {type: int, value: 5}}"


def found_in(condition: str) -> list[tuple[str, str]]:
    rule = "rules:\n  - {id: one, when: named, then: deny}"
    return messages(
        found_by(
            no_constant_condition, policy_of(f"{FACTS}\n{LIMIT}\nconditions:\n  named: {condition}\n{rule}")
        )
    )


@pytest.mark.parametrize(
    "condition",
    [
        "n > 100 && n < 50",
        "n > limit && n < limit",
        'word == "a" && word == "b"',
        'word != "a" && word != "b" && word != "c"',
        "yes_no && n > 1 && !yes_no",
        "at != null && at < now && at > now",
        "size(items) < 0",
    ],
)
def test_a_condition_that_never_holds_is_reported(condition: str):
    [(severity, message)] = found_in(f"'{condition}'")
    assert severity == "warning" and re.match("the condition `named` never holds[,:]", message)


@pytest.mark.parametrize(
    "condition",
    [
        "n <= 100 || n >= 50",
        'word in ["a", "b", "c"]',
        'word == "a" || word != "a"',
        "yes_no || !yes_no",
        "size(text) >= 0",
        "at == null || at <= now || at > now",
    ],
)
def test_a_condition_that_always_holds_is_reported(condition: str):
    [(severity, message)] = found_in(f"'{condition}'")
    assert severity == "warning" and re.match("the condition `named` always holds[,:]", message)


@pytest.mark.parametrize(
    ("condition", "why", "column"),
    [
        ("n > 100 && yes_no && n < 50", "never holds: `n > 100` and `n < 50` exclude each other", 11),
        ("yes_no && size(items) < 0", "never holds: `size(items) < 0` never holds", 21),
        ("m > 1 || n <= 100 || n >= 50", "always holds: `n <= 100` or `n >= 50` always holds", 20),
        ("!(n > 5) && n == 7", "never holds: `!(n > 5)` and `n == 7` exclude each other", 11),
    ],
)
def test_the_parts_that_are_why_are_named(condition: str, why: str, column: int):
    rule = "rules:\n  - {id: one, when: named, then: deny}"
    policy = policy_of(f"{FACTS}\n{LIMIT}\nconditions:\n  named: '{condition}'\n{rule}")
    [problem] = found_by(no_constant_condition, policy)
    assert (problem.message, problem.column) == (f"the condition `named` {why}", column)


def test_a_condition_of_many_parts_is_reported_as_a_whole():
    parts = " && ".join([f"n > {n}" for n in range(MAX_PARTS)] + ["n < 0"])
    [(_, message)] = found_in(f"'{parts}'")
    assert message == "the condition `named` never holds, whatever the facts are"


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("score < 150 || yes_no", "`score` is at most `100`, as line 2 declares: correct one of the two"),
        ("score <= 100 && yes_no", "`score` is at most `100`, as line 2 declares: correct one of the two"),
        ("score >= 1 && yes_no", "`score` is at least `1`, as line 2 declares: correct one of the two"),
        ("-1 < score && yes_no", "`score` is at least `1`, as line 2 declares: correct one of the two"),
    ],
)
def test_a_comparison_that_the_bounds_settle_is_reported(condition: str, hint: str):
    policy = policy_with(
        "score: {type: int, min: 1, max: 100}\nyes_no: bool", f"{{id: one, when: '{condition}', then: deny}}"
    )
    [problem] = found_by(no_constant_condition, policy)
    assert (problem.message.endswith(" always holds"), problem.hint) == (True, hint)


@pytest.mark.parametrize(
    "condition", ["score < 100", "score > 1", "score <= 99", "score != 100", "score > limit"]
)
def test_a_comparison_within_the_bounds_is_not_reported(condition: str):
    rest = "parameters: {limit: {type: int, value: 0}}"
    policy = policy_with(
        "score: {type: int, min: 1, max: 100}", f"{{id: one, when: '{condition}', then: deny}}", rest=rest
    )
    assert found_by(no_constant_condition, policy) == []


@pytest.mark.parametrize(
    "condition",
    [
        "n > 100 || n < 50",
        "n > limit && n < 50",
        "n > 5 && m < 5",
        'word == "a" || word == "b"',
        'word in ["a", "b"]',
        "size(items) > 0",
        'text != "a" && text != "b"',
        "true",
        "at == null || at < now",
        "n >= 1",
        "n - m >= 0",
        "0 < n",
    ],
)
def test_conditions_that_depend_on_facts_are_not_reported(condition: str):
    assert found_in(f"'{condition}'") == []


@pytest.mark.parametrize("condition", ["n >= 0", "0 <= n", "yes_no || n >= 0"])
def test_a_test_that_every_count_passes_is_reported(condition: str):
    [(_, message)] = found_in(condition)
    assert message.endswith("holds for every number that is not negative")


def test_when_and_unless_are_each_reported_in_place():
    rules = [
        '{id: never, unless: "m > 5 && m < 1", then: deny}',
        '{id: always, when: "n > 1 || n < 5", then: deny}',
    ]
    problems = found_by(no_constant_condition, policy_with("n: int\nm: int", *rules))
    assert messages(problems) == [
        ("warning", "`unless` of the rule `never` never holds: `m > 5` and `m < 1` exclude each other"),
        ("warning", "`when` of the rule `always` always holds: `n > 1` or `n < 5` always holds"),
    ]
    assert [(d.line, d.column) for d in problems] == [(5, 26), (6, 25)]


def test_a_search_that_gives_up_accuses_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(no_constant_condition, "_STEPS_A_POLICY", 1)
    assert found_in("n > 100 && n < 50") == []
