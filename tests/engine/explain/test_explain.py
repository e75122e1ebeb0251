"""Explanations of why rules applied and why they did not."""

from copy import deepcopy

import pytest

from engine.cases.run import run_case
from tests.engine.policies import FACTS, NOW, RETURNS, bundle_of, shipped, some_cases
from tests.sampling import sample

BUNDLE = bundle_of(RETURNS)


def explanation(**changed):
    return BUNDLE.decide("returns", {**FACTS, **changed}, now=NOW, explain=True).explanation


def rule(explained, id_):
    return next(r for r in explained["rules"] if r["id"] == id_)


def test_deciding_rule_and_those_after_it():
    explained = explanation(amount=2000)
    assert [(r["id"], r["applies"], r["decides"], r["reached"]) for r in explained["rules"]] == [
        ("never-paid", False, False, True),
        ("large", True, True, True),
        ("in-time", True, False, False),
        ("too-late", False, False, False),
    ]


def test_otherwise_decides_when_no_rule_applies():
    explained = explanation(bought_at="2025-12-01T00:00:00Z")
    assert rule(explained, "too-late") == {
        "id": "too-late",
        "outcome": "deny",
        "applies": True,
        "decides": True,
        "reached": True,
    }


def test_rule_is_stopped_by_the_first_part_with_its_values():
    explained = explanation()
    assert rule(explained, "large")["stopped_by"] == {
        "key": "when",
        "text": "amount > 1000",
        "holds": False,
        "values": {"amount": 10},
    }


def test_rule_stopped_by_a_named_condition_goes_on_inside_of_it():
    explained = explanation(bought_at="2026-01-01T00:00:00Z")
    assert rule(explained, "in-time")["stopped_by"] == {
        "key": "when",
        "text": "in_time",
        "holds": False,
        "values": {"in_time": False},
        "because": {
            "text": "now < bought_at + window",
            "holds": False,
            "values": {"now": "2026-03-01T12:00:00Z", "bought_at": "2026-01-01T00:00:00Z", "window": "30d"},
        },
    }


def test_rule_stopped_by_its_unless_hides_private_values():
    explained = explanation(email="x@spam.example")
    assert rule(explained, "in-time")["stopped_by"] == {
        "key": "unless",
        "text": 'email.endsWith("@spam.example")',
        "holds": True,
        "values": {"email": "(private)"},
    }


def test_negated_condition_is_stopped_by_what_holds():
    explained = explanation(closed_at="2026-02-25T00:00:00Z")
    stopped = rule(explained, "in-time")["stopped_by"]
    assert (stopped["text"], stopped["holds"]) == ("closed", True)


def test_named_conditions_are_shown_with_their_truth():
    explained = explanation()
    assert [(c["name"], c["holds"]) for c in explained["conditions"]] == [
        ("in_time", True),
        ("closed", False),
    ]


def test_facts_that_do_not_fit_are_all_there_is_to_say():
    assert explanation(paid="yes") == {
        "errors": [
            {
                "path": "paid",
                "code": "mistyped",
                "message": "the fact `paid` must be true or false, not text; write it without quotes",
            }
        ],
        "rules": [],
        "conditions": [],
    }


def test_no_explanation_unless_asked_for():
    assert BUNDLE.decide("returns", FACTS, now=NOW).explanation is None


@pytest.mark.parametrize("case", sample(some_cases(), every=2), ids=lambda c: f"{c.policy}: {c.name}")
def test_case_can_be_explained(case):
    bundle = shipped()
    version = run_case(bundle, case).version
    assert version is not None
    decision = bundle.decide(case.policy, case.facts, now=case.at, explain=True)
    assert decision.explanation is not None
    deciding = [r["id"] for r in decision.explanation["rules"] if r["decides"]]
    assert deciding == ([] if decision.errors else [decision.rule])
    stopped = [r["id"] for r in decision.explanation["rules"] if "stopped_by" in r]
    otherwise = version.validated.policy.otherwise.id
    assert stopped == [
        r["id"] for r in decision.explanation["rules"] if not r["applies"] and r["id"] != otherwise
    ]


def test_facts_are_checked_and_rules_are_tried_once(monkeypatch):
    version = BUNDLE.version_at("returns", NOW)
    calls = []
    check = version.facts_check.check
    monkeypatch.setattr(
        version.facts_check, "check", lambda *a, **given: (calls.append("check"), check(*a, **given))[1]
    )
    rules = version.rules
    monkeypatch.setattr(version, "rules", lambda *given: (calls.append("rules"), rules(*given))[1])
    monkeypatch.setattr(version, "fused", lambda *_: calls.append("fused"))
    BUNDLE.decide("returns", FACTS, now=NOW, explain=True)
    assert calls == ["check", "rules"]


def test_explanations_share_no_part():
    """A caller may change what it gets."""
    first = explanation(amount=2000)
    before = deepcopy(first)
    again = explanation(amount=2000)
    emptied(again)
    assert first == before == explanation(amount=2000)


def emptied(value):
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            emptied(part)
    value.clear()
