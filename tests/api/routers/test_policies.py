"""The policy API: access and responses."""

from typing import Any

import pytest
from django.utils import timezone

from api.contract.policies import DecisionBody
from decisions import bundles
from decisions.models import DecisionRecord
from engine.compiled import Entry
from engine.explain.trials import ListTrials
from marketplace.accounts.models import Role
from tests.api.callers import Caller, make_caller, problem_of, refusal_of

POLICIES = "/api/policies"
CHAT = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}
LOCKED = {**CHAT, "locked_at": "2026-01-01T00:00:00Z"}

MAY_ASK = {Role.POLICY_OWNER: True, Role.MODERATOR: True}


def describe(name: str) -> dict[str, Any]:
    version = bundles.in_force().version_at(name, timezone.now())
    return {
        "name": name,
        "version": version.version,
        "revision": 0,
        "digest": version.digest,
        "summary": version.summary,
        "in_force_by": version.in_force_by,
    }


def decide(caller: Caller, facts: Any, policy: str = "chat", **more: Any) -> Any:
    return caller.post(f"{POLICIES}/{policy}/decide", {"facts": facts, **more})


def test_anybody_signed_in_sees_which_policies_are_in_force(buyer: Caller) -> None:
    response = buyer.get(POLICIES)

    bundle = bundles.in_force()
    assert response.status_code == 200
    assert response["Comity-Bundle"] == bundle.digest
    assert response.json() == {
        "digest": bundle.digest,
        "items": [describe(name) for name in sorted(bundle.policies)],
    }
    assert {"chat", "confirmation", "review_eligibility"} <= set(bundle.policies)
    assert buyer.get(f"{POLICIES}/").json() == response.json()


@pytest.mark.parametrize("path", [POLICIES, f"{POLICIES}/chat"])
def test_head_is_answered_as_get_is(policy_owner: Caller, path: str) -> None:
    headers = {"Authorization": f"Bearer {policy_owner.token}"}
    response, answer = policy_owner.client.head(path, headers=headers), policy_owner.get(path)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == answer["Content-Type"]


@pytest.mark.parametrize("role", ["staff", *Role])
def test_only_those_who_look_after_policies_ask_them_anything(role: str, db: None) -> None:
    is_staff = role == "staff"
    caller = make_caller("somebody", Role.BUYER if is_staff else Role(role), is_staff=is_staff)

    answers = [
        caller.get(f"{POLICIES}/chat"),
        decide(caller, CHAT),
        caller.post(f"{POLICIES}/decide-batch", {"items": [{"policy": "chat", "facts": CHAT}]}),
    ]

    expected = 200 if MAY_ASK.get(role) else 403
    assert [answer.status_code for answer in answers] == [expected] * 3
    if expected == 403:
        assert {problem_of(answer)["code"] for answer in answers} == {"role-required"}


def test_one_policy_is_described(policy_owner: Caller) -> None:
    assert policy_owner.get(f"{POLICIES}/chat").json() == describe("chat")


def test_unknown_policy_is_not_found(policy_owner: Caller) -> None:
    assert refusal_of(policy_owner.get(f"{POLICIES}/chats")) == (404, "not-found")
    assert refusal_of(decide(policy_owner, {}, "chats")) == (404, "not-found")


def test_decision_has_every_member_of_the_engine_and_is_not_recorded(policy_owner: Caller) -> None:
    response = decide(policy_owner, LOCKED, at="2026-03-01T00:00:00Z")

    body = response.json()
    assert response.status_code == 200
    assert body == {
        "policy": "chat",
        "version": describe("chat")["version"],
        "revision": 0,
        "digest": bundles.in_force().digest,
        "outcome": "deny",
        "rule": "chat-locked",
        "reason": "chat-locked",
        "message": body["message"],
        "obligations": [],
        "outputs": {},
        "matched": ["chat-locked"],
        "errors": [],
        "status": "conflict",
        "evaluated_at": "2026-03-01T00:00:00Z",
        "in_force_at": "2026-03-01T00:00:00Z",
    }
    assert body["message"] != ""
    assert DecisionRecord.objects.count() == 0


def test_explanation_comes_when_it_is_asked_for(policy_owner: Caller) -> None:
    assert "explanation" not in decide(policy_owner, CHAT).json()
    explained = decide(policy_owner, CHAT, explain=True).json()
    assert sorted(explained["explanation"]) == ["conditions", "rules"]
    assert "counterfactuals" not in explained


def test_counterfactuals_come_when_they_are_asked_for(policy_owner: Caller) -> None:
    facts = {
        "buyer_id": "b",
        "seller_id": "s",
        "product_id": "p",
        "confirmations": [],
        "already_reviewed": False,
    }
    asked = decide(policy_owner, facts, "review_eligibility", counterfactuals=True).json()
    assert "explanation" not in asked
    assert asked["counterfactuals"]["complete"] is True
    first = asked["counterfactuals"]["found"][0]
    assert sorted(first) == ["changes", "outcome", "rule", "text"]
    assert sorted(first["changes"][0]) == ["fact", "kind", "named", "text", "value"]
    assert "counterfactuals" not in decide(policy_owner, {}, counterfactuals=True).json()


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each decision tried by a search, 1."""
    seen: list[int] = []
    tried = ListTrials.entry

    def entry(self: ListTrials, mask: int) -> Entry:
        seen.append(1)
        return tried(self, mask)

    monkeypatch.setattr(ListTrials, "entry", entry)
    return seen


def test_batch_searches_no_more_than_one_request_does(policy_owner: Caller, trials: list[int]) -> None:
    """Ten searches share one budget, and each gets a part."""
    own = {"detector": "lexicon", "reported": False, "quoted": False}
    named = ("threat", "insult", "spam", "hate")
    facts = {
        "mode": "normal",
        "language": "english",
        "signals": [{**own, "category": named[i % 4], "score": i % 40 / 40} for i in range(400)],
        "unavailable": [],
        "earlier_insults": [],
    }
    item = {"policy": "moderation_profiles", "facts": facts, "counterfactuals": True}
    quiet = {"policy": "chat", "facts": CHAT}
    together = []
    for items in ([item], [item] * 10, [quiet] * 3 + [item] * 3 + [quiet]):
        trials.clear()
        answers = policy_owner.post(f"{POLICIES}/decide-batch", {"items": items}).json()["items"]
        stopped = [a["counterfactuals"]["complete"] for a in answers if "counterfactuals" in a]
        assert stopped == [False] * items.count(item)
        again = policy_owner.post(f"{POLICIES}/decide-batch", {"items": items}).json()["items"]
        assert [a.get("counterfactuals") for a in again] == [a.get("counterfactuals") for a in answers]
        together.append(sum(trials) / 2)
    assert 0 < max(together) <= together[0] * 1.1


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({**CHAT, "author": "1"}, "author"),
        ({name: value for name, value in CHAT.items() if name != "author_id"}, "author_id"),
        ({**CHAT, "author_id": None}, "author_id"),
        ({**CHAT, "author_id": 1}, "author_id"),
        ({**CHAT, "locked_at": "yesterday"}, "locked_at"),
        ({**CHAT, "locked_at": 5}, "locked_at"),
    ],
)
def test_facts_that_do_not_fit_are_denied_by_name(
    facts: dict[str, Any], named: str, policy_owner: Caller
) -> None:
    response = decide(policy_owner, facts)

    body = response.json()
    assert (response.status_code, body["outcome"]) == (200, "deny")
    assert [error["path"] for error in body["errors"]] == [named]


def test_batch_answers_in_order_by_one_bundle_for_one_moment(policy_owner: Caller) -> None:
    items = [
        {"policy": "chat", "facts": CHAT},
        {"policy": "chat", "facts": LOCKED, "explain": True},
        {"policy": "confirmation", "facts": {}},
        {"policy": "chat", "facts": CHAT, "at": "2026-03-01T00:00:00Z"},
    ]

    response = policy_owner.post(f"{POLICIES}/decide-batch", {"items": items})

    decided = response.json()["items"]
    assert [(item["policy"], item["outcome"]) for item in decided] == [
        ("chat", "allow"),
        ("chat", "deny"),
        ("confirmation", "deny"),
        ("chat", "allow"),
    ]
    assert ["explanation" in item for item in decided] == [False, True, False, False]
    assert len({item["evaluated_at"] for item in decided[:3]}) == 1


def test_batch_of_a_thousand_is_answered_and_one_more_refused(policy_owner: Caller) -> None:
    item = {"policy": "chat", "facts": CHAT}

    thousand = policy_owner.post(f"{POLICIES}/decide-batch", {"items": [item] * 1_000})
    more, none = (
        policy_owner.post(f"{POLICIES}/decide-batch", {"items": items}) for items in ([item] * 1_001, [])
    )

    assert len(thousand.json()["items"]) == 1_000
    assert [refusal_of(more), refusal_of(none)] == [(422, "invalid-request")] * 2


@pytest.mark.parametrize("facts", [CHAT, LOCKED, {}, {"unknown": "caf\xe9"}])
@pytest.mark.parametrize("asked", [{}, {"explain": True, "counterfactuals": True}])
def test_decision_is_written_as_the_contract_says(
    policy_owner: Caller, facts: dict[str, Any], asked: dict[str, bool]
) -> None:
    response = policy_owner.post(f"{POLICIES}/chat/decide", {"facts": facts, **asked})

    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    answer = response.json()
    assert DecisionBody(**answer).model_dump(mode="json", exclude_unset=True) == answer


def test_batch_with_an_unknown_policy_names_it(policy_owner: Caller) -> None:
    items = [{"policy": "chat", "facts": CHAT}, {"policy": "chats", "facts": {}}]

    response = policy_owner.post(f"{POLICIES}/decide-batch", {"items": items})

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"] == [
        {"pointer": "/items/1/policy", "message": "No policy of this name is in force"}
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/facts"),
        ({"facts": []}, "/facts"),
        ({"facts": {}, "at": "yesterday"}, "/at"),
        ({"facts": {}, "at": 5}, "/at"),
        ({"facts": {}, "at": "1969-12-31T23:59:59Z"}, "/at"),
        ({"facts": {}, "at": "1970-01-01T00:00:00Z"}, "/at"),
        ({"facts": {}, "at": "2200-01-01T00:00:00Z"}, "/at"),
        ({"facts": {}, "explain": "yes"}, "/explain"),
        ({"facts": {}, "counterfactuals": 1}, "/counterfactuals"),
        ({"facts": {}, "now": "2026-01-01T00:00:00Z"}, "/now"),
    ],
)
def test_body_that_does_not_fit_is_refused(body: Any, pointer: str, policy_owner: Caller) -> None:
    response = policy_owner.post(f"{POLICIES}/chat/decide", body)

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == [pointer]


def test_openapi_document_is_for_the_signed_in(anonymous: Caller, buyer: Caller) -> None:
    path = f"{POLICIES}/openapi.json"

    assert refusal_of(anonymous.get(path)) == (401, "unauthenticated")
    assert list(buyer.get(path).json()["paths"]) == [
        "/api/policies/bundles",
        "/api/policies/bundles/rollback",
        "/api/policies/bundles/{bundle_id}",
        "/api/policies/bundles/{bundle_id}/report",
        "/api/policies/bundles/{bundle_id}/approve",
        "/api/policies/bundles/{bundle_id}/reject",
        "/api/policies/bundles/{bundle_id}/schedule",
        "/api/policies/bundles/{bundle_id}/activate",
        "/api/policies/bundles/{bundle_id}/withdraw",
        "/api/policies/bundles/{bundle_id}/break-glass",
        "/api/policies/bundles/{bundle_id}/review",
        "/api/policies",
        "/api/policies/decide-batch",
        "/api/policies/{name}",
        "/api/policies/{name}/decide",
    ]
