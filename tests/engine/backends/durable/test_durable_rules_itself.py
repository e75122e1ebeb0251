"""Check the statements of docs/durable_rules.md about durable-rules directly; they are the reasons for our workarounds."""

import json
from typing import Any

import durable_rules_engine as durable_rules
import pytest

LAST = {"all": [{"m": {"on": 1}}], "pri": 9}


def fires(rule: list[dict[str, Any]], *facts: dict[str, Any]) -> bool:
    """Whether a rule over the given number of facts fires."""
    handle = durable_rules.create_ruleset("itself", json.dumps({"rule": {"all": rule}, "last": LAST}))
    written = [{"id": str(n), "sid": "one", "on": 1, **fact} for n, fact in enumerate(facts)]
    code, state = durable_rules.assert_facts(handle, json.dumps(written))
    _, message = durable_rules.start_action_for_state(handle, state)
    durable_rules.delete_state(handle, "one")
    durable_rules.delete_ruleset(handle)
    assert code == 0
    return "rule" in json.loads(message)


def test_an_alternative_inside_of_any_item_holds_by_what_is_looked_at_last():
    rule = [{"m": {"$and": [{"on": 1}, {"$iany": {"items": {"$or": [{"$i.a": 1}, {"$i.b": 1}]}}}]}}]
    assert fires(rule, {"items": [{"b": 0, "a": 1}]})
    assert not fires(rule, {"items": [{"a": 1, "b": 0}]})


def test_a_conjunction_of_joined_facts_is_forgotten_after_an_alternative():
    nested = {"$or": [{"v": {"a": "v"}}, {"$and": [{"w": {"a": "w"}}, {"u": {"a": "u"}}]}]}
    rule = [{"a": {"k": "a"}}, {"b": {"$and": [{"k": "b"}, nested, {"t": {"a": "t"}}]}}]
    one, other = {"k": "a", "t": 1, "u": 1, "v": 1, "w": 1}, {"k": "b", "t": 2, "u": 1, "v": 1, "w": 1}
    assert fires(rule, one, other)


@pytest.mark.parametrize(
    ("test", "value"),
    [({"$gt": {"p": 5}}, "abc"), ({"p": "1"}, 1), ({"p": "true"}, True), ({"p": None}, None)],
)
def test_comparisons_are_loose(test, value):
    assert fires([{"m": {"$and": [{"on": 1}, test]}}], {"p": value})


def test_an_exponent_is_an_error():
    with pytest.raises(durable_rules.error, match="error code: 204"):
        durable_rules.create_ruleset("itself", json.dumps({"rule": {"all": [{"m": {"p": 1e-05}}]}}))


def test_the_65th_rule_that_matches_one_fact_is_an_error():
    rules = {f"r{n}": {"all": [{"m": {"$gt": {"p": n}}}]} for n in range(65)}
    handle = durable_rules.create_ruleset("itself", json.dumps(rules))
    with pytest.raises(durable_rules.error, match="error code: 303"):
        durable_rules.assert_facts(handle, '[{"id":"0","sid":"one","p":100}]')


@pytest.mark.parametrize("pattern", [r"\d", "^a$", "(?:a)"])
def test_patterns_load_and_never_match(pattern):
    assert fires([{"m": {"$and": [{"on": 1}, {"$mt": {"p": "[a-z]"}}]}}], {"p": "a"})
    text = "7" if pattern == r"\d" else "a"
    assert not fires([{"m": {"$and": [{"on": 1}, {"$mt": {"p": pattern}}]}}], {"p": text})
