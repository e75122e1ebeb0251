"""Accuses conditions that never or always hold, whatever the facts are."""

import pytest

from engine.lint import no_constant_condition

from .findings import found_by, policy_of, policy_with, told

FACTS = "facts: {n: int, m: int, text: string, word: {enum: [a, b, c]}, yes_no: bool, items: {list: string}, at: timestamp?}"
LIMIT = "parameters: {limit: {type: int, value: 5}}"


def found_in(condition: str) -> list[tuple[str, str]]:
    rule = "rules:\n  - {id: one, when: named, then: deny}"
    return told(
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
def test_a_condition_that_never_holds_is_accused(condition: str):
    assert found_in(f"'{condition}'") == [
        ("warning", "the condition `named` never holds, whatever the facts are")
    ]


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
def test_a_condition_that_always_holds_is_accused(condition: str):
    assert found_in(f"'{condition}'") == [
        ("warning", "the condition `named` always holds, whatever the facts are")
    ]


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
def test_what_facts_decide_is_not_accused(condition: str):
    assert found_in(f"'{condition}'") == []


@pytest.mark.parametrize("condition", ["n >= 0", "0 <= n", "yes_no || n >= 0"])
def test_a_test_that_every_count_passes_is_accused(condition: str):
    [(_, message)] = found_in(condition)
    assert message.endswith("holds for every number that is not negative")


def test_when_and_unless_are_accused_where_they_stand():
    rules = [
        '{id: always, when: "n > 1 || n < 5", then: deny}',
        '{id: never, unless: "m > 5 && m < 1", then: deny}',
    ]
    found = found_by(no_constant_condition, policy_with("n: int\nm: int", *rules))
    assert told(found) == [
        ("warning", "`when` of the rule `always` always holds, whatever the facts are"),
        ("warning", "`unless` of the rule `never` never holds, whatever the facts are"),
    ]
    assert [(d.line, d.column) for d in found] == [(5, 24), (6, 25)]


def test_a_search_that_gives_up_accuses_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(no_constant_condition, "_STEPS_A_POLICY", 1)
    assert found_in("n > 100 && n < 50") == []
