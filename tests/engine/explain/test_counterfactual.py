"""What would flip a decision."""

from datetime import timedelta
from typing import Any

import pytest

from engine import Bundle
from engine.expression.quantity import parse_timestamp, to_datetime
from tests.engine.policies import FACTS, NOW, RETURNS, bundle_of, shipped, some_cases

BUNDLE = bundle_of(RETURNS)


def flips(**changed):
    told = BUNDLE.decide("returns", {**FACTS, **changed}, now=NOW, explain=True).explanation
    return [flip["text"] for flip in told["counterfactuals"]]


def test_most_permissive_outcome_needs_no_change():
    assert flips() == []


def test_boolean_is_turned():
    assert flips(paid=False) == ["allow if paid is yes"]


def test_number_moves_to_its_boundary():
    assert flips(amount=2000)[0] == "allow if amount is 1000"


def test_moment_moves_to_its_boundary():
    assert flips(bought_at="2026-01-01T00:00:00Z")[0] == "allow if bought at is 2026-01-30T12:00:00.000001Z"


def test_two_changes_where_one_is_not_enough():
    assert flips(paid=False, closed_at="2026-02-25T00:00:00Z") == [
        "allow if paid is yes and closed at is nothing",
        "review if paid is yes and amount is 1001",
    ]


WAIT = """\
policy: wait
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {closed_at: {type: timestamp, fixed: true}, hold: bool}
parameters: {keep_for: {type: duration, value: 90d}}
outcomes: [delete, keep]
on_error: keep
rules:
  - {id: over, when: "!hold && now >= closed_at + keep_for", then: delete}
otherwise: {id: kept, then: keep}
"""


def test_waiting_is_a_change_and_fixed_facts_are_not():
    bundle = bundle_of(WAIT)
    facts = {"closed_at": "2026-02-01T00:00:00Z", "hold": False}
    told = bundle.decide("wait", facts, now=NOW, explain=True).explanation
    assert [f["text"] for f in told["counterfactuals"]] == ["delete if it is 2026-05-02T00:00:00Z or later"]


def test_time_is_never_turned_back():
    bundle = bundle_of(WAIT.replace("now >= closed_at", "now <= closed_at"))
    facts = {"closed_at": NOW - timedelta(days=100), "hold": False}
    told = bundle.decide("wait", facts, now=NOW, explain=True).explanation
    assert told["counterfactuals"] == []


def test_items_of_a_list_are_told_by_the_name_of_their_condition():
    bundle = shipped()
    facts = {
        "buyer_id": "7",
        "seller_id": "3",
        "product_id": "11",
        "confirmations": [],
        "already_reviewed": False,
    }
    told = bundle.decide("review_eligibility", facts, now=NOW, explain=True).explanation
    assert [f["text"] for f in told["counterfactuals"]] == [
        "allow if seller confirmed this and buyer confirmed this"
    ]


def applied(facts: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    name, value = change["fact"], change["value"]
    if change["kind"] == "set":
        return {**facts, name: value}
    items = list(facts[name])
    return {**facts, name: [*items, value] if change["kind"] == "add" else [i for i in items if i != value]}


@pytest.mark.parametrize("case", some_cases(), ids=lambda c: f"{c.policy}: {c.name}")
def test_every_counterfactual_told_flips_the_outcome(case):
    bundle = shipped()
    check_flips(bundle, case.policy, case.facts, case.at)


def check_flips(bundle: Bundle, policy: str, facts: Any, now: Any) -> None:
    """Each counterfactual, applied to the facts by an outsider, gives the more permissive outcome that it promised."""
    decision = bundle.decide(policy, facts, now=now, explain=True)
    ranks = bundle.version_at(policy, now).outcomes
    for flip in (decision.explanation or {}).get("counterfactuals", []):
        changed, later = dict(facts), now
        for change in flip["changes"]:
            if change["fact"] == "now":
                later = to_datetime(parse_timestamp(change["value"]))
            else:
                changed = applied(changed, change)
        again = bundle.decide(policy, changed, now=later)
        assert (again.outcome, again.errors) == (flip["outcome"], ())
        assert ranks.index(again.outcome) < ranks.index(decision.outcome)
