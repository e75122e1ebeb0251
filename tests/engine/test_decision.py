"""The JSON form of a decision, which is a contract."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.expression.values import to_json
from tests.engine.backends.python.test_compiler import FACTS, bundle_of
from tests.engine.generated.values import NOW

POLICY = """\
rules:
  - {id: closed, when: confirmed, then: deny, message: 'Closed for {amount}.', obligations: [hold, lock_chat]}
facts:
  confirmed: bool
  amount: {type: int, show: true}
  grace: duration
outputs:
  until: {type: timestamp, value: now + grace}
  rest: {type: duration, value: grace - minutes(15)}
  words: {type: 'string?', value: 'confirmed ? null : "a"'}
"""
BUNDLE = bundle_of(POLICY + "parameters: {}\n")
GOOD = {"confirmed": True, "amount": 2, "grace": "36h"}


def test_decision_as_json() -> None:
    assert BUNDLE.decide("example", GOOD, now=NOW).to_dict() == {
        "policy": "example",
        "version": 1,
        "revision": 0,
        "digest": BUNDLE.digest,
        "outcome": "deny",
        "rule": "closed",
        "reason": "closed",
        "message": "Closed for 2.",
        "obligations": ["hold", "lock_chat"],
        "outputs": {"until": "2026-03-02T12:00:00Z", "rest": "2145m", "words": None},
        "matched": ["closed"],
        "errors": [],
        "evaluated_at": "2026-03-01T00:00:00Z",
        "in_force_at": "2026-03-01T00:00:00Z",
    }


def test_decision_of_facts_that_do_not_fit_as_json() -> None:
    body = BUNDLE.decide("example", {**GOOD, "amount": None}, now=NOW).to_dict()
    message = "the fact `amount` is null"
    assert (body["rule"], body["reason"], body["message"]) == ("on-error", "null-fact:amount", message)
    assert body["errors"] == [{"path": "amount", "code": "null", "message": message}]
    assert (body["obligations"], body["outputs"], body["matched"]) == ([], {}, [])


def test_explanation_is_there_only_when_asked_for() -> None:
    without = BUNDLE.decide("example", GOOD, now=NOW).to_dict()
    asked = BUNDLE.decide("example", GOOD, now=NOW, explain=True).to_dict()
    assert set(asked) - set(without) == {"explanation"}
    assert {k: v for k, v in asked.items() if k != "explanation"} == without
    assert json.loads(json.dumps(asked)) == asked


def test_decision_is_the_same_each_time() -> None:
    assert BUNDLE.decide("example", GOOD, now=NOW) == BUNDLE.decide("example", dict(GOOD), now=NOW)


def test_facts_are_left_as_they_were() -> None:
    facts = {**FACTS, "closed_at": NOW, "lines": [{"party": "buyer", "by": "a"}]}
    before = json.dumps(facts, default=str)
    bundle_of("outputs: {all: {type: 'timestamp?', value: closed_at}}\n").decide("example", facts, now=NOW)
    assert json.dumps(facts, default=str) == before


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (0.5, 0.5),
        ("a", "a"),
        (NOW, "2026-03-01T00:00:00Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 1, UTC), "2026-01-01T00:00:00.000001Z"),
        (timedelta(days=90), "90d"),
        (-timedelta(hours=1), "-1h"),
        (timedelta(microseconds=1), "0.001ms"),
        ((NOW, timedelta(0)), ["2026-03-01T00:00:00Z", "0d"]),
        (({"at": NOW, "by": "a"},), [{"at": "2026-03-01T00:00:00Z", "by": "a"}]),
    ],
)
def test_to_json(value: object, shown: object) -> None:
    assert to_json(value) == shown


def test_moment_of_another_zone_is_shown_in_utc() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert BUNDLE.decide("example", GOOD, now=there).to_dict()["evaluated_at"] == "2026-03-01T00:00:00Z"
