"""Disputes over HTTP: open, message, close, hold and reopen, and access control."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.accounts.models import Role
from marketplace.disputes.models import Dispute, Media
from tests.api.callers import Caller, make_caller, problem_of, refusal_of

UNKNOWN = 999_999
REASON = {"reason": "Settled."}


@pytest.fixture
def agent(db: None) -> Caller:
    return make_caller("ada", Role.AGENT)


@pytest.fixture
def dispute(buyer: Caller, sold: dict[str, Any]) -> dict[str, Any]:
    return buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "It arrived broken."}).json()


def path(dispute: dict[str, Any], what: str = "") -> str:
    return f"/api/v1/disputes/{dispute['id']}{what}"


def test_opening_answers_with_the_dispute(buyer: Caller, sold: dict[str, Any]) -> None:
    response = buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "It arrived broken."})

    assert response.status_code == 201
    assert response.json() == {
        "id": Dispute.objects.get().pk,
        "order_id": sold["id"],
        "status": "open",
        "opened_by": buyer.id,
        "closed_at": None,
        "retain_until": None,
    }


def test_pending_sale_has_no_dispute(buyer: Caller, order: dict[str, Any]) -> None:
    response = buyer.post("/api/v1/disputes", {"order_id": order["id"], "text": "…"})

    assert refusal_of(response) == (409, "sale-not-complete")
    assert problem_of(response)["policy"] == "disputes"


def test_second_open_dispute_conflicts(buyer: Caller, sold: dict[str, Any], dispute: dict[str, Any]) -> None:
    response = buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "…"})

    assert refusal_of(response) == (409, "already-open")


def test_closing_stamps_and_reopening_clears(buyer: Caller, agent: Caller, dispute: dict[str, Any]) -> None:
    closed = agent.post(path(dispute, "/close"), REASON)
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert closed.json()["retain_until"] > closed.json()["closed_at"]
    assert refusal_of(agent.post(path(dispute, "/close"), REASON)) == (409, "already-closed")

    reopened = buyer.post(path(dispute, "/reopen"), {"reason": "It broke again."})
    assert (reopened.status_code, reopened.json()) == (200, {**dispute, "status": "reopened"})
    assert refusal_of(buyer.post(path(dispute, "/reopen"), REASON)) == (409, "not-closed")


@pytest.mark.parametrize("wrong", [timedelta(days=-100), timedelta(days=100)])
def test_clock_of_the_machine_decides_nothing_about_how_long_media_is_kept(
    buyer: Caller, agent: Caller, dispute: dict[str, Any], monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    hold = agent.post(path(dispute, "/holds"), REASON).json()
    true = timezone.now
    with monkeypatch.context() as late:
        late.setattr(timezone, "now", lambda: true() + wrong)
        agent.post(path(dispute, "/close"), REASON)
        agent.delete(f"/api/v1/holds/{hold['id']}")

    kept = Dispute.objects.get()
    for moment in (kept.closed_at, kept.hold_released_at, kept.retain_until - timedelta(days=90)):
        assert abs(moment - true()) < timedelta(minutes=1)


def test_party_does_not_close_or_hold(seller: Caller, dispute: dict[str, Any]) -> None:
    for what in ("/close", "/holds"):
        assert refusal_of(seller.post(path(dispute, what), REASON)) == (403, "agents-only")


@pytest.mark.parametrize("what", ["/close", "/reopen", "/holds"])
def test_reason_is_needed(agent: Caller, dispute: dict[str, Any], what: str) -> None:
    for body in ({}, {"reason": " "}, {"reason": "x", "status": "closed"}):
        assert refusal_of(agent.post(path(dispute, what), body)) == (422, "invalid-request")


def test_thread_is_read_and_written_by_parties_and_agents_until_it_is_closed(
    buyer: Caller, seller: Caller, agent: Caller, dispute: dict[str, Any]
) -> None:
    sent = [caller.post(path(dispute, "/messages"), {"text": "…"}).json() for caller in (seller, agent)]

    items = buyer.get(path(dispute, "/messages")).json()["items"]
    assert [(item["seq"], item["author_id"]) for item in items] == [
        (1, buyer.id),
        (2, seller.id),
        (3, agent.id),
    ]
    assert items[1:] == sent
    agent.post(path(dispute, "/close"), REASON)
    assert refusal_of(buyer.post(path(dispute, "/messages"), {"text": "…"})) == (409, "dispute-closed")


def test_hold_is_placed_listed_and_lifted_by_agents(
    agent: Caller, seller: Caller, dispute: dict[str, Any]
) -> None:
    placed = agent.post(path(dispute, "/holds"), {"reason": "Court order."})
    hold = placed.json()
    assert placed.status_code == 201
    assert hold == {
        "id": hold["id"],
        "dispute_id": dispute["id"],
        "placed_by": agent.id,
        "reason": "Court order.",
        "placed_at": hold["placed_at"],
        "released_at": None,
    }
    assert agent.get(path(dispute, "/holds")).json() == {"items": [hold], "next": None}
    assert refusal_of(seller.get(path(dispute, "/holds"))) == (404, "not-found")
    assert refusal_of(seller.delete(f"/api/v1/holds/{hold['id']}")) == (403, "agents-only")

    lifted = agent.delete(f"/api/v1/holds/{hold['id']}")
    assert (lifted.status_code, lifted.json()["released_at"] is None) == (200, False)
    assert refusal_of(agent.delete(f"/api/v1/holds/{hold['id']}")) == (409, "hold-released")


def test_lists_show_ones_own_and_agents_all_newest_first_in_two_queries(
    buyer: Caller,
    seller: Caller,
    other_buyer: Caller,
    agent: Caller,
    dispute: dict[str, Any],
    django_assert_num_queries: Any,
) -> None:
    for caller in (buyer, seller, agent):
        with django_assert_num_queries(2):
            response = caller.get("/api/v1/disputes")
        assert response.json() == {"items": [dispute], "next": None}
    assert other_buyer.get("/api/v1/disputes").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("get", "", None),
        ("get", "/messages", None),
        ("post", "/messages", {"text": "Mine!"}),
        ("post", "/close", REASON),
        ("post", "/reopen", REASON),
        ("get", "/holds", None),
        ("post", "/holds", REASON),
        ("get", "/media", None),
    ],
)
def test_foreign_dispute_is_answered_as_an_unknown_one(
    other_buyer: Caller,
    policy_owner: Caller,
    dispute: dict[str, Any],
    method: str,
    what: str,
    body: dict[str, str] | None,
) -> None:
    for caller in (other_buyer, policy_owner):
        arguments = [] if body is None else [body]
        foreign, unknown = (
            getattr(caller, method)(f"/api/v1/disputes/{id}{what}", *arguments)
            for id in (dispute["id"], UNKNOWN)
        )
        assert refusal_of(foreign) == (404, "not-found")
        assert foreign.content == unknown.content


def test_foreign_order_and_hold_are_answered_as_unknown_ones(
    other_buyer: Caller, agent: Caller, sold: dict[str, Any], dispute: dict[str, Any]
) -> None:
    hold = agent.post(path(dispute, "/holds"), REASON).json()
    for foreign, unknown in (
        [other_buyer.post("/api/v1/disputes", {"order_id": i, "text": "…"}) for i in (sold["id"], UNKNOWN)],
        [other_buyer.delete(f"/api/v1/holds/{i}") for i in (hold["id"], UNKNOWN)],
    ):
        assert refusal_of(foreign) == (404, "not-found")
        assert foreign.content == unknown.content


@pytest.mark.parametrize(
    "path",
    [
        "/disputes",
        "/disputes/1",
        "/disputes/1/messages",
        "/disputes/1/media",
        "/disputes/1/holds",
        "/media/1",
    ],
)
def test_nobody_asks_without_signing_in(anonymous: Caller, db: None, path: str) -> None:
    assert refusal_of(anonymous.get(f"/api/v1{path}")) == (401, "unauthenticated")


def listed(caller: Caller, query: str) -> list[int]:
    response = caller.get(f"/api/v1/disputes?{query}")
    assert response.status_code == 200, response.content
    return [item["id"] for item in response.json()["items"]]


def test_list_can_hold_only_disputes_that_the_caller_may_reopen(
    buyer: Caller, seller: Caller, agent: Caller, dispute: dict[str, Any]
) -> None:
    assert listed(buyer, "may=reopen") == []
    agent.post(path(dispute, "/close"), REASON)
    for caller in (buyer, seller, agent):
        assert listed(caller, "may=reopen") == [dispute["id"]]
    assert listed(make_caller("sue", Role.BUYER), "may=reopen") == []
    assert buyer.post(path(dispute, "/reopen"), REASON).status_code == 200
    assert listed(buyer, "may=reopen") == []


def test_list_can_hold_only_disputes_whose_media_is_due(
    buyer: Caller, agent: Caller, dispute: dict[str, Any]
) -> None:
    make_media(dispute["id"])
    agent.post(path(dispute, "/close"), REASON)
    assert (listed(buyer, "media=due"), listed(buyer, "may=reopen")) == ([], [dispute["id"]])
    past = timezone.now() - timedelta(days=91)
    Dispute.objects.update(closed_at=past, retain_until=past + timedelta(days=90))
    assert (listed(buyer, "media=due"), listed(buyer, "may=reopen")) == ([dispute["id"]], [])
    assert listed(buyer, "media=due&may=reopen") == []
    assert refusal_of(buyer.get("/api/v1/disputes?media=gone")) == (422, "invalid-request")


def make_media(dispute_id: int) -> None:
    media = Media.objects.create(
        dispute_id=dispute_id,
        uploader=Dispute.objects.get(pk=dispute_id).opened_by,
        place=1,
        key="e/1",
        kind="pdf",
        size=1,
        sha256="0" * 64,
        created_at=timezone.now(),
    )
    Media.objects.filter(pk=media.pk).update(state="live")
