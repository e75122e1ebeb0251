"""A recorded decision, as its party and as staff see it."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse

from decisions import reading, triggers
from decisions.models import DecisionRecord, PolicyDocument
from decisions.sealing import drop_pseudonym_key
from marketplace.accounts.models import Role
from marketplace.chats import services as chats
from tests.api.callers import Caller, make_caller, problem_of, refusal_of

pytestmark = pytest.mark.django_db


def path_of(**about: Any) -> str:
    return f"/api/v1/decisions/{DecisionRecord.objects.filter(**about).latest('pk').pk}"


def test_party_sees_what_by_which_rule_and_why(buyer: Caller, order: dict[str, Any]) -> None:
    seen = buyer.get(path_of(actor_id=buyer.id, policy="confirmation")).json()

    shown = {name: seen[name] for name in ("policy", "outcome", "rule", "source", "message", "lacks")}
    assert shown == {
        "policy": "confirmation",
        "outcome": "allow",
        "rule": "open-allowed",
        "source": "Phase 1 plan, decision 2",
        "message": "The order is open; each of you can confirm it now.",
        "lacks": None,
    }
    assert (seen["version"], seen["revision"], seen["in_force_at"]) == (1, 0, seen["decided_at"])
    assert seen["conditions"]["opening"] is True
    assert (seen["facts"]["buyer_id"], seen["facts"]["order_status"]) == (str(buyer.id), "new")
    assert "sold_to_another" not in seen["facts"], "it is about somebody else"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.POLICY_OWNER])
def test_staff_sees_the_facts(role: Role, buyer: Caller, order: dict[str, Any]) -> None:
    staff = make_caller("staff", role)

    seen = staff.get(path_of(actor_id=buyer.id, policy="confirmation")).json()

    assert (seen["facts"]["buyer_id"], seen["facts"]["order_status"]) == (str(buyer.id), "new")


def test_other_party_sees_the_same(seller: Caller, buyer: Caller, order: dict[str, Any]) -> None:
    path = path_of(actor_id=buyer.id, policy="confirmation")
    assert seller.get(path).json() == buyer.get(path).json()


def test_others_do_not_learn_that_it_exists(
    other_buyer: Caller, buyer: Caller, order: dict[str, Any]
) -> None:
    foreign, unknown = (
        other_buyer.get(path_of(actor_id=buyer.id)),
        other_buyer.get("/api/v1/decisions/999999"),
    )

    assert refusal_of(foreign) == refusal_of(unknown) == (404, "not-found")
    assert problem_of(foreign).keys() == problem_of(unknown).keys()


def test_private_fact_is_shown_to_nobody_and_erasure_is_told(buyer: Caller) -> None:
    buyer.post("/assistant/conversations", {"message": "zqcanary about the Walnut desk please"})
    path, owner = path_of(policy="inbox_title"), make_caller("owner", Role.POLICY_OWNER)

    assert "zqcanary" not in str([caller.get(path).json() for caller in (buyer, owner)])
    assert owner.get(path).json()["conditions"]["generic"] is False

    drop_pseudonym_key(user_id=buyer.id)
    seen = owner.get(path).json()
    assert (seen["outcome"], seen["lacks"], seen["conditions"]) == ("use_message", "erased", {})


def test_recipient_does_not_learn_of_a_refused_text(buyer: Caller, seller: Caller, messages: str) -> None:
    refused = buyer.post(messages, {"text": "threat:0.99"})

    path = f"/api/v1/decisions/{ids_of(refused)[-1]}"
    seen = buyer.get(path).json()
    assert (seen["policy"], seen["rule"]) == ("moderation_profiles", refused.json()["rule"])
    assert seen["facts"] == {"mode": "normal", "language": "english"}
    assert "classifier_blocks" in seen["conditions"]
    assert "hard_found" not in seen["conditions"], "it would tell how near a text comes to the limit"
    assert refusal_of(seller.get(path)) == (404, "not-found")


def ids_of(response: HttpResponse) -> list[int]:
    return [int(number) for number in response["Comity-Decision"].split(", ")]


def test_answer_names_its_decisions(buyer: Caller, order: dict[str, Any], messages: str) -> None:
    """In the order in which they were made, on both surfaces, and none where nothing was recorded."""
    made = [
        buyer.post(messages, {"text": "Hello"}),
        buyer.post(messages, {"text": "threat:0.99"}),
        buyer.delete(f"/api/v1/orders/{order['id']}/confirmations/mine"),
        buyer.post("/assistant/conversations", {"message": "Hello"}),
        buyer.post("/assistant/ninja/conversations", {"message": "Hello"}),
    ]
    expected = [
        ["chat", "moderation_profiles"],
        ["chat", "moderation_queue", "moderation_profiles"],
        ["confirmation"],
        ["assistant_session", "strikes", "moderation_profiles", "inbox_title"],
        ["assistant_session", "strikes", "moderation_profiles", "inbox_title"],
    ]
    for response, policies in zip(made, expected, strict=True):
        records = DecisionRecord.objects.in_bulk(ids_of(response))
        assert [records[number].policy for number in ids_of(response)] == policies
        assert {record.request_id for record in records.values()} == {response["X-Request-ID"]}
    for response in (made[1], made[2]):
        last = DecisionRecord.objects.get(pk=ids_of(response)[-1])
        assert (last.rule, last.outcome) == (response.json()["rule"], response.json()["outcome"])
    for response in (buyer.get(messages), buyer.post(messages, {"txt": ""}), buyer.get("/api/v1/orders")):
        assert not response.has_header("Comity-Decision")


@pytest.mark.postgresql  # SQLite rolls nothing back by itself
@pytest.mark.django_db(transaction=True)
def test_answer_does_not_name_a_decision_that_was_rolled_back(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction runs again after a deadlock."""
    honest, failures = chats._append, [OperationalError("deadlock")]

    def append(**values: Any) -> Any:
        if failures:
            error = failures.pop()
            error.__cause__ = Deadlock()
            raise error
        return honest(**values)

    monkeypatch.setattr(chats, "_append", append)
    response = buyer.post(messages, {"text": "Hello"}, **{"Idempotency-Key": "deadlock-0001"})

    assert (response.status_code, failures) == (201, [])
    assert ids_of(response) == list(DecisionRecord.objects.order_by("pk").values_list("pk", flat=True))[-2:]
    again = buyer.post(messages, {"text": "Hello"}, **{"Idempotency-Key": "deadlock-0001"})
    assert ids_of(again) == ids_of(response)


class Deadlock(Exception):
    sqlstate = "40P01"


def test_parties_find_what_was_decided_about_their_sale(
    buyer: Caller, seller: Caller, other_buyer: Caller, sold: dict[str, Any]
) -> None:
    """Each sees what concerns them: a refused text does not concern its recipient."""
    path, messages = f"/api/v1/orders/{sold['id']}/decisions", f"/api/v1/chats/{sold['chat_id']}/messages"
    assert refusal_of(buyer.post(messages, {"text": "Late"})) == (409, "chat-locked")
    buyer.post("/api/v1/reviews", {"product_id": sold["product_id"], "rating": 5, "text": "Good."})
    opened = buyer.post("/api/v1/disputes", {"order_id": sold["id"], "text": "It broke."}).json()
    seller.post(f"/api/v1/disputes/{opened['id']}/messages", {"text": "threat:0.99"})
    other_buyer.post("/api/v1/reviews", {"product_id": sold["product_id"], "rating": 1, "text": "Bad."})

    own, others = listed(buyer, path), listed(seller, path)

    shared = [
        ("confirmation", "product"),
        ("confirmation", "order"),
        ("confirmation", "order"),
        ("chat", "chat"),
    ]
    reviewed = ("review_eligibility", "product")
    moderated = ("moderation_profiles", "product")
    disputed = [("disputes", "order"), ("disputes", "dispute")]
    assert [kind for kind, _ in own] == [
        *shared,
        reviewed,
        moderated,
        disputed[0],
        ("moderation_profiles", "order"),
        disputed[1],
    ]
    assert [kind for kind, _ in others] == [*shared, reviewed, *disputed, ("moderation_profiles", "order")]
    for caller, entries in ((buyer, own), (seller, others)):
        assert {caller.get(f"/api/v1/decisions/{number}").status_code for _, number in entries} == {200}
    assert refusal_of(other_buyer.get(path)) == (404, "not-found")


def test_list_and_entry_ask_the_database_a_fixed_number_of_times(
    seller: Caller, sold: dict[str, Any], django_assert_num_queries: Any
) -> None:
    """The caller, the order and the decisions; the caller, the decision and the order."""
    path = f"/api/v1/orders/{sold['id']}/decisions"
    with django_assert_num_queries(3):
        items = seller.get(path).json()["items"]
    [newest, *_] = items
    assert newest["subject_kind"] == "order"
    entry = f"/api/v1/decisions/{newest['id']}"
    assert (
        seller.get(entry).status_code == 200
    )  # the first reader in a process loads the text of the policies
    with django_assert_num_queries(3):
        seller.get(entry)


def listed(caller: Caller, path: str) -> list[tuple[tuple[str, str], int]]:
    """Oldest first."""
    items = caller.get(path).json()["items"]
    return [((item["policy"], item["subject_kind"]), item["id"]) for item in reversed(items)]


def test_altered_text_is_told_while_its_bundle_is_in_force(buyer: Caller, order: dict[str, Any]) -> None:
    path = path_of(actor_id=buyer.id, policy="confirmation")
    reading._bundle.cache_clear()
    triggers.lift()
    PolicyDocument.objects.filter(text__contains="policy: confirmation\n").update(text="policy: other\n")

    seen = buyer.get(path).json()

    assert (seen["outcome"], seen["lacks"]) == (
        "allow",
        "the stored text of `confirmation.yaml` is missing or has been altered",
    )
