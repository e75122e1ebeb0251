"""Explanations of generated policies agree with what the reference evaluates."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.backends import reference
from engine.backends.python.explanation import MAX_ROWS_SHOWN, PRIVATE
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR
from engine.expression import typed as t
from engine.expression.quantity import from_datetime
from engine.expression.values import show
from engine.policy.validated import TypedRule
from tests.engine.backends.test_differential import bundle_of as generated_bundle
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.policies import bundle_of

Stopped = dict[str, Any]


def words(text: str) -> str:
    return " ".join(text.split())


def parts(tree: t.Typed, text: str, wanted: str) -> Iterator[t.Typed]:
    """The parts whose text appears in the explanation (`x != null` is two of them), except inside loops, where they have no
    single truth value."""
    if words(text[tree.span[0] : tree.span[1]]) == wanted:
        yield tree
    if not isinstance(tree, t.Quantifier):
        for child in tree.children():
            yield from parts(child, text, wanted)


def check_stopped(rule: TypedRule, stopped: Stopped, env: reference.Environment) -> None:
    tree, text = (rule.when, rule.rule.when) if stopped["key"] == "when" else (rule.unless, rule.rule.unless)
    assert tree is not None and text is not None
    assert reference.evaluate(tree, env) is (stopped["key"] == "unless")
    check_blame(tree, text.text, stopped, env)


def check_blame(tree: t.Typed, text: str, blame: Stopped, env: reference.Environment) -> None:
    named = list(parts(tree, text, blame["text"]))
    assert blame["holds"] in [reference.evaluate(part, env) for part in named]
    if "because" in blame:
        [name] = {part.name for part in named if isinstance(part, t.ConditionRef)}
        inner = replace(env, variables={})
        assert reference.evaluate(inner.conditions[name], inner) is blame["holds"]
        check_blame(inner.conditions[name], env.policy.conditions[name].text, blame["because"], inner)


def expected_entries(
    version: CompiledPolicy, env: reference.Environment
) -> Iterator[tuple[str, bool, Any, Any]]:
    """The id, truth, rule and environment of each entry that must appear."""
    for rule in version.validated.rules:
        failed = 0
        for id_, variables in reference.rows_of(rule, version.validated.policy):
            inner = replace(env, variables=variables)
            applies = rule.applies is None or reference.evaluate(rule.applies, inner)
            failed += not applies
            if applies or failed <= MAX_ROWS_SHOWN:
                yield id_, applies, rule, inner


@pytest.mark.parametrize("seed", range(40))
def test_explanation_of_a_generated_policy(seed: int) -> None:
    chance = random.Random(seed)
    generated = a_policy(chance)
    bundle, version = generated_bundle(generated)
    for _ in range(5):
        facts, now = some_facts(chance, generated.facts), chance.choice(MOMENTS)
        decision = bundle.decide("generated", facts, now=now)
        checked, _ = version.facts_check.check(facts)
        micros = from_datetime(now)
        assert micros is not None
        env = reference.environment(version.validated, checked, micros)
        explanation = version.explanation_for(checked, micros)
        *rules, otherwise = explanation["rules"]
        expected = list(expected_entries(version, env))
        assert [(r["id"], r["applies"]) for r in rules] == [(id_, applies) for id_, applies, _, _ in expected]
        decides = [] if decision.rule == ON_ERROR else [decision.rule]
        assert [r["id"] for r in explanation["rules"] if r["decides"]] == decides
        assert otherwise["applies"] is not any(r["applies"] for r in rules)
        for entry, (_, applies, rule, inner) in zip(rules, expected, strict=True):
            assert ("stopped_by" in entry) is not applies
            if not applies:
                check_stopped(rule, entry["stopped_by"], inner)
        named = {c["name"]: c["holds"] for c in explanation["conditions"]}
        types = {name: tree.type for name, tree in version.validated.conditions.items()}
        assert named.keys() | {v["name"] for v in explanation.get("values", ())} == types.keys()
        for name, tree in version.validated.conditions.items():
            value = reference.evaluate(tree, env)
            if name in named:
                assert named[name] is value
            else:
                [shown] = [v["value"] for v in explanation["values"] if v["name"] == name]
                assert shown == show(value, types[name])


LONG = """\
policy: long
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {n: int, xs: {list: {row: int}}, since: timestamp?, span: duration}
parameters:
  numbers:
    table: {number: int, from: duration}
    rows: [ROWS]
outcomes: [allow, deny]
on_error: deny
hit: worst
rules:
  - id: over
    for_each: {row: numbers}
    when: n == row.number && span >= row.from
    then: deny
  - id: shadowed
    when: xs.exists(row, row.row > n) && since != null
    then: deny
otherwise: {id: none, then: deny}
""".replace("ROWS", ", ".join(f"[{n}, {n}h]" for n in range(3_000)))
FACTS = {"n": 2_500, "xs": [{"row": 1}], "since": None, "span": "2500h"}


def test_long_table_tells_the_first_rows_that_failed_and_all_that_applied() -> None:
    version = bundle_of(LONG).policies["long"].all[0]
    rules = version.explanation_for(version.facts_check.check(FACTS)[0], 1_780_000_000_000_000)["rules"]
    failed = [f"over[{n}]" for n in range(MAX_ROWS_SHOWN)]
    assert [r["id"] for r in rules] == [*failed, "over[2500]", "shadowed", "none"]
    assert [r["id"] for r in rules if r["applies"]] == ["over[2500]"]


def test_cells_are_shown_as_yaml_writes_them() -> None:
    version = bundle_of(LONG).policies["long"].all[0]
    rules = version.explanation_for(version.facts_check.check(FACTS)[0], 1_780_000_000_000_000)["rules"]
    assert rules[1]["stopped_by"] == {
        "key": "when",
        "text": "n == row.number",
        "holds": False,
        "values": {"n": 2_500, "row.number": 1},
    }


def test_loop_variable_that_hides_the_row_is_no_cell() -> None:
    version = bundle_of(LONG).policies["long"].all[0]
    rule = version.explanation_for(version.facts_check.check(FACTS)[0], 1_780_000_000_000_000)["rules"][-2]
    assert rule["stopped_by"]["values"] == {"xs": [{"row": 1}], "n": 2_500}


def test_explanation_holds_no_list_of_the_facts_themselves() -> None:
    facts = {**FACTS, "xs": [{"row": 1}]}
    explanation = bundle_of(LONG).decide("long", facts, now=MOMENTS[-1], explain=True).explanation
    assert explanation is not None
    explanation["rules"][-2]["stopped_by"]["values"]["xs"][0]["row"] = 7
    assert facts["xs"] == [{"row": 1}]


TOLD = """\
policy: told
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {amount: int, pin: {type: int, private: true}, bags: {list: {row: int}}, paid: bool}
parameters: {limits: {table: {kind: string, most: int}, key: [kind], rows: [[a, 3], [b, 9]]}}
conditions: {large: amount > 5 && pin != 0}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: over, for_each: {row: limits}, when: large && amount > row.most, then: deny, set: {fee: row.most + amount}}
  - {id: kept, when: amount == 1, unless: paid || amount > 0, then: deny, set: {fee: amount}}
otherwise: {id: fine, then: deny, set: {fee: pin}}
outputs: {fee: {type: int}}
"""


def told(**facts: Any) -> dict[str, Any]:
    version = bundle_of(TOLD).policies["told"].all[0]
    checked = version.facts_check.check({"pin": 4, "bags": [], "paid": False, **facts})[0]
    return version.explanation_for(checked, 1_780_000_000_000_000)


def test_rule_that_decides_says_what_it_set_and_the_later_ones_what_stopped_them() -> None:
    over, other, kept, fine = told(amount=7)["rules"]
    assert over == {
        "id": "over[a]", "outcome": "deny", "applies": True, "decides": True, "reached": True,
        "sets": {"fee": {"text": "row.most + amount", "values": {"row.most": 3, "amount": 7}}},
    }  # fmt: skip
    assert other["stopped_by"] == {
        "key": "when", "text": "amount > row.most", "holds": False, "values": {"amount": 7, "row.most": 9},
    }  # fmt: skip
    assert kept == {
        "id": "kept", "outcome": "deny", "applies": False, "decides": False, "reached": False,
        "stopped_by": {"key": "when", "text": "amount == 1", "holds": False, "values": {"amount": 7}},
    }  # fmt: skip
    assert fine == {"id": "fine", "outcome": "deny", "applies": False, "decides": False, "reached": False}


def test_otherwise_says_what_it_set_and_hides_what_is_private() -> None:
    explanation = told(amount=1)
    over, _, _, fine = explanation["rules"]
    assert fine == {
        "id": "fine", "outcome": "deny", "applies": True, "decides": True, "reached": True,
        "sets": {"fee": {"text": "pin", "values": {"pin": PRIVATE}}},
    }  # fmt: skip
    assert over["stopped_by"] == {
        "key": "when", "text": "large", "holds": False, "values": {"large": False},
        "because": {"text": "amount > 5", "holds": False, "values": {"amount": 1}},
    }  # fmt: skip
    assert explanation["conditions"] == [
        {
            "name": "large",
            "holds": False,
            "text": "amount > 5 && pin != 0",
            "values": {"amount": 1, "pin": PRIVATE},
        }
    ]


@pytest.mark.parametrize(("paid", "text"), [(True, "paid"), (False, "amount > 0")])
def test_first_part_of_an_unless_that_holds_is_to_blame(paid: bool, text: str) -> None:
    kept = told(amount=1, paid=paid)["rules"][2]
    assert (kept["stopped_by"]["key"], kept["stopped_by"]["text"], kept["stopped_by"]["holds"]) == (
        "unless",
        text,
        True,
    )


@pytest.mark.parametrize(("private", "shown"), [(False, ("b", 9)), (True, (PRIVATE, PRIVATE))])
def test_cell_that_a_private_key_chooses_is_hidden(private: bool, shown: tuple[object, object]) -> None:
    text = TOLD.replace(
        "paid: bool", f"paid: bool, kind: {{enum: [a, b], private: {str(private).lower()}}}"
    ).replace("when: amount == 1,", "when: amount == limits.row(kind).most,")
    version = bundle_of(text).policies["told"].all[0]
    checked, errors = version.facts_check.check(
        {"amount": 1, "pin": 4, "bags": [], "paid": False, "kind": "b"}
    )
    assert errors == ()
    stopped = version.explanation_for(checked, 1_780_000_000_000_000)["rules"][2]["stopped_by"]
    assert stopped["values"] == {"amount": 1, "kind": shown[0], "limits.most": shown[1]}
