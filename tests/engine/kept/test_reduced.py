"""A reduced failure keeps only what it needs to fail."""

from tests.engine.generated.conditions import Condition
from tests.engine.kept.entry import Entry
from tests.engine.kept.reduced import reduced


def entry(text: str, **conditions: str) -> Entry:
    facts = {"a": {"list": "int"}, "b": "int", "c": "string?"}
    parameters = {"p": {"type": "int", "value": 3}}
    return Entry(
        "big",
        Condition(text, facts, parameters, conditions),
        {"a": [1, 2, 3], "b": 1},
        "2026-03-01T12:00:00Z",
    )


def test_reduced_keeps_the_part_that_fails_and_what_it_reads() -> None:
    big = entry("c != null && (b > p || (true ? a.exists(x, x == b + 0) : there))", there="c == null")
    small = reduced(big, lambda e: ".exists(" in e.condition.text and 2 in e.values.get("a", []))
    assert small.condition == Condition("a.exists(x, true)", {"a": {"list": "int"}}, {}, {})
    assert small.values == {"a": [2]}


def test_reduced_writes_out_what_a_named_condition_says() -> None:
    big = entry("there && b == 1", there="b >= p")
    small = reduced(big, lambda e: ">=" in e.condition.text.replace("there", str(e.condition.conditions)))
    assert small.condition == Condition("(b >= p)", {"b": "int"}, {"p": {"type": "int", "value": 3}}, {})


def test_reduced_leaves_what_is_small_as_it_is() -> None:
    small = Entry("small", Condition("b == 1", {"b": "int"}, {}, {}), {"b": 1}, "2026-03-01T12:00:00Z")
    assert reduced(small, lambda e: "b == 1" in e.condition.text) == small
