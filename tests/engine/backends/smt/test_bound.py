"""How many items of a list a condition can need."""

import math

import pytest

from engine.backends.smt.bound import items_needed
from engine.backends.smt.question import Nothing, Unknown, ask
from engine.backends.smt.terms import Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.world import World
from engine.policy.validated import ValidatedPolicy
from tests.engine.policies import bundle_of

POLICY = """\
policy: lists
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  n: int
  few: {type: int, min: 0, max: 3}
  sure: bool
  seen: {list: {enum: [red, green]}, max_items: 2}
  items: {list: {n: int, ok: bool, parts: {list: {n: int}}}}
conditions:
  asked: CONDITION
outcomes: [allow, deny]
on_error: deny
rules: [{id: asked, when: asked, then: allow}]
otherwise: {id: other, then: deny}
"""


def validated_of(condition: str) -> ValidatedPolicy:
    return bundle_of(POLICY.replace("CONDITION", f"'{condition}'")).policies["lists"].all[0].validated


def needed(condition: str, *, wanted: bool = True) -> dict[str, float]:
    validated = validated_of(condition)
    world = World(Terms(), {})
    facts = {name: world.fact(name, fact.type) for name, fact in validated.policy.facts.items()}
    asked = Translator(world, validated, facts).holds(validated.rules[0].applies)
    found = items_needed(world, asked if wanted else world.terms.not_(asked))
    return {path: number for path, number in found.items() if number}


@pytest.mark.parametrize(
    ("condition", "wanted", "expected"),
    [
        ("items.exists(i, i.ok)", True, {"items": 1}),
        ("items.exists(i, i.ok)", False, {}),
        ("items.all(i, i.ok)", True, {}),
        ("items.all(i, i.ok)", False, {"items": 1}),
        ("items.exists(i, i.ok) && items.exists(i, i.n > 3)", True, {"items": 2}),
        ("items.exists(i, i.ok) || items.exists(i, i.n > 3)", True, {"items": 1}),
        ("(sure && items.exists(i, i.ok)) || (n > 3 && items.exists(i, i.ok))", True, {"items": 1}),
        ("(sure || items.exists(i, i.ok)) && (n > 3 || items.exists(i, i.ok))", True, {"items": 1}),
        ("size(items) >= 4", True, {"items": 4}),
        ("size(items) >= 4", False, {}),
        ("size(items) > 4", True, {"items": 5}),
        ("size(items) == 4", True, {"items": 4}),
        ("size(items) == 4", False, {"items": 5}),
        ("4 <= size(items.filter(i, i.ok))", True, {"items": 4}),
        ("size(items) + 1 >= 4", True, {"items": 3}),
        ("size(items) >= few", True, {"items": 3}),
        ("size(items) >= n", True, {"items": 2**53}),
        ("n >= size(items)", True, {}),
        ("items.exists_one(i, i.ok)", True, {"items": 1}),
        ("items.exists_one(i, i.ok)", False, {"items": 2}),
        ("items.exists(i, i.parts.exists(p, p.n == i.n))", True, {"items": 1, "items[].parts": 1}),
        ("items.all(i, i.parts.exists(p, p.n == i.n))", True, {"items[].parts": 1}),
        ("items.all(i, i.parts.all(p, p.n == i.n))", False, {"items": 1, "items[].parts": 1}),
        ("items.all(c, items.exists(d, d.n == c.n - 1))", True, {"items": math.inf}),
        ("sum(items.map(i, i.ok ? 1 : 0)) > 3", True, {"items": math.inf}),
        ("(items.exists(i, i.ok) ? 1 : 2) == n", True, {"items": 1}),
        ("sure == items.exists(i, i.ok)", True, {"items": 1}),
    ],
)  # fmt: skip
def test_items_needed(condition, wanted, expected):
    assert needed(condition, wanted=wanted) == expected


def answer(condition: str) -> object:
    validated = validated_of(condition)
    world = World(Terms(), {})
    facts = {name: world.fact(name, fact.type) for name, fact in validated.policy.facts.items()}
    return ask(world, Translator(world, validated, facts).holds(validated.rules[0].applies))


def test_a_list_holds_no_more_than_its_type_allows():
    assert isinstance(answer("size(seen) > 2"), Nothing)
    assert isinstance(answer("size(seen) > 1"), type(answer("sure")))


def test_items_are_of_their_type():
    assert isinstance(answer('seen.exists(s, s != "red" && s != "green")'), Nothing)


def test_an_unbounded_question_is_not_answered():
    found = answer("items.all(c, items.exists(d, d.n == c.n - 1)) && size(items) > 0")
    assert isinstance(found, Unknown) and "max_items" in found.why
