"""Facts that are a single record: `seller.level`."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.explain.budget import Budget
from engine.explain.party_view import party_view
from engine.mutation.bounds import bound_mutants
from engine.schema import policy_schema
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

POLICY = """\
policy: sales
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  seller:
    record:
      id: string
      level: {type: int, min: 0, max: 9}
      blocked: bool
      since: timestamp?
      badges: {list: {enum: [pro, old]}, max_items: 5}
    show: true
  agent: {record: {id: string, kind: {enum: [human, bot]}}, optional: true, private: true}
conditions:
  known: seller.since != null && now >= seller.since + days(30)
  by_agent: agent != null && agent.kind == "human"
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: blocked, when: seller.blocked, then: deny, message: 'Level {seller.level}, since {seller.since}.'}
  - {id: level, when: seller.level >= 3 && known, then: allow}
  - {id: badge, when: '"pro" in seller.badges && size(seller.badges) < 5', then: allow}
  - {id: agent, when: 'by_agent && agent.id != seller.id', then: allow}
otherwise: {id: rest, then: deny}
outputs:
  age: {type: duration?, value: 'seller.since != null ? now - seller.since : null'}
"""
SELLER = {"id": "7", "level": 2, "blocked": False, "since": "2026-01-01T12:00:00Z", "badges": []}


def decide(seller: dict, agent=None, engine: str = "compiler", **asked):
    loaded = load_sources([Source("sales.yaml", POLICY)], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle.decide("sales", {"seller": SELLER | seller, "agent": agent}, now=NOW, **asked)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("seller", "agent", "rule"),
    [
        ({}, None, "rest"),
        ({"level": 3}, None, "level"),
        ({"level": 3, "since": None}, None, "rest"),
        ({"badges": ["old", "pro"]}, None, "badge"),
        ({"badges": ["pro"] * 5}, None, "rest"),
        ({}, {"id": "9", "kind": "human"}, "agent"),
        ({}, {"id": "7", "kind": "human"}, "rest"),
        ({}, {"id": "9", "kind": "bot"}, "rest"),
        ({"level": 10}, None, "on-error"),
        ({"sinc": 1}, None, "on-error"),
    ],
)
def test_fields_are_read(engine, seller, agent, rule):
    assert decide(seller, agent, engine).rule == rule


def test_a_message_quotes_a_field():
    assert decide({"blocked": True}).message == "Level 2, since 2026-01-01T12:00:00Z."


def test_an_explanation_shows_the_fields_that_were_read_and_hides_private_records():
    explanation = decide({}, {"id": "9", "kind": "bot"}, explain=True).explanation
    assert explanation is not None
    assert {c["name"]: c["values"] for c in explanation["conditions"]} == {
        "known": {"seller.since": "2026-01-01T12:00:00Z", "now": "2026-03-01T12:00:00Z"},
        "by_agent": {"agent": "(private)", "agent.kind": "(private)"},
    }
    assert explanation["rules"][1]["stopped_by"]["values"] == {"seller.level": 2}
    assert decide({}, None, explain=True).explanation is not None


def test_changes_of_fields_are_found():
    counterfactuals = decide({}, counterfactuals=Budget()).counterfactuals
    assert counterfactuals is not None
    texts = [f["text"] for f in counterfactuals["found"]]
    assert "allow if seller level is 3" in texts
    [change] = next(f for f in counterfactuals["found"] if f["text"] == texts[0])["changes"]
    assert (change["fact"], change["value"]) == ("seller.level", 3)


def test_a_party_sees_only_fields_of_shown_records():
    decision = decide({}, {"id": "7", "kind": "human"}, explain=True, counterfactuals=Budget())
    [version] = bundle_of(POLICY).policies["sales"].all
    checked, _ = version.facts_check.check({"seller": SELLER, "agent": {"id": "7", "kind": "human"}})
    view = party_view(decision, version.validated.policy, checked)
    assert view["values"].keys() == {"seller"}
    assert "allow if seller level is 3" in view["would_change"]


def test_bounds_of_fields_have_mutants():
    [version] = bundle_of(POLICY).policies["sales"].all
    assert len(list(bound_mutants(version.validated.policy))) == 4


def test_editors_know_records():
    keys = policy_schema()["$defs"]["type"]["anyOf"][1]
    assert {"required": ["record"]} in keys["oneOf"]


@pytest.mark.parametrize(
    ("change", "code", "hint"),
    [
        (("seller.level >= 3", "seller.levl >= 3"), "unknown-field", "did you mean `level`?"),
        (("agent != null && agent.kind", "agent.kind"), "may-be-null", "test it first: `agent != null && …`"),
        (("seller.level >= 3 && known", "seller.since < now"), "may-be-null", "`seller.since != null && …`"),
        (("seller.level >= 3 && known", "seller == agent"), "may-be-null", "test it first"),
        (("{seller.level}", "{seller}"), "record-in-message", "write `{seller.id}`, for example"),
        (("{seller.level}", "{seller.lvel}"), "unknown-name", "did you mean `level`?"),
        (("{seller.level}", "{agent.id}"), "private-in-message", "delete it"),
        (("age: {type: duration?", "age: {record: {a: int}"), "unknown-key", ""),
        (("badges: {list: {enum: [pro, old]}", "badges: {record: {a: int}"), "bad-type", ""),
    ],
)
def test_mistakes_with_records(change, code, hint):
    loaded = load_sources([Source("sales.yaml", POLICY.replace(*change))])
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert code in [d.code for d in errors], [d.render() for d in errors]
    assert any(hint in (d.hint or "") for d in errors if d.code == code), [d.render() for d in errors]
