"""A policy declares the obligations that its rules may place on the caller, and a host declares which it supports."""

import pytest

from documents.source import Source
from engine import load_sources
from engine.policy.model import OBLIGATIONS
from engine.policy.obligations import not_carried_out
from tests.engine.golden import completed
from tests.engine.policies import NOW, bundle_of

RULE = "rules:\n  - {id: closed, when: confirmed, then: deny, obligations: [%s]}\n"
FACTS = {
    "buyer_id": "1", "seller_id": "2", "status": "open", "amount": 1, "ratio": 1.0, "closed_at": None, "grace": "1h",
    "confirmed": True, "tags": [], "lines": [],
}  # fmt: skip


def policy_of(text):
    return bundle_of(completed(text)).version_at("example", NOW).validated.policy


def problems_of(text, carried_out):
    return [(d.line, d.column, d.code, d.message) for d in not_carried_out(policy_of(text), carried_out)]


def test_declared_obligations_are_given():
    bundle = bundle_of(completed("obligations: [send_mail, call_back]\n" + RULE % "call_back"))
    assert bundle.version_at("example", NOW).validated.policy.obligations == ("send_mail", "call_back")
    assert bundle.decide("example", FACTS, now=NOW).obligations == ("call_back",)


@pytest.mark.parametrize("name", OBLIGATIONS)
def test_policy_without_the_key_has_the_five_of_before(name):
    assert policy_of(RULE % name).rules[0].obligations == (name,)


def test_declared_list_is_closed_for_the_five_too():
    loaded = load_sources([Source("a.yaml", completed("obligations: [send_mail]\n" + RULE % "lock_chat"))])
    assert [d.code for d in loaded.diagnostics] == ["unknown-value"]


def test_host_refuses_what_it_cannot_do_where_it_is_declared():
    text = "obligations: [send_mail, lock_chat]\n" + RULE % "lock_chat"
    message = "the obligation `send_mail` is not one that is carried out here"
    assert problems_of(text, ["lock_chat"]) == [(1, 15, "unknown-obligation", message)]
    assert problems_of(text, ["lock_chat", "send_mail"]) == []


def test_host_refuses_what_it_cannot_do_where_a_rule_gives_it():
    message = "the obligation `hold` is not one that is carried out here"
    assert problems_of(RULE % "lock_chat, hold", ["lock_chat"]) == [(2, 72, "unknown-obligation", message)]
    assert problems_of("rules: []\n", []) == []
