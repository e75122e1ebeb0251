"""A recorded decision, as its party and as staff see it."""

from typing import Any

import pytest

from decisions import reading, triggers
from decisions.models import DecisionRecord, PolicyDocument
from decisions.sealing import drop_pseudonym_key
from marketplace.accounts.models import Role
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
    assert seen["facts"] == {}, "the policy marks none of them `show`"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.POLICY_OWNER])
def test_staff_sees_the_facts(role: Role, buyer: Caller, order: dict[str, Any]) -> None:
    staff = make_caller("staff", role)

    seen = staff.get(path_of(actor_id=buyer.id, policy="confirmation")).json()

    assert (seen["facts"]["buyer_id"], seen["facts"]["order_status"]) == (str(buyer.id), "new")


def test_others_do_not_learn_that_it_exists(seller: Caller, buyer: Caller, order: dict[str, Any]) -> None:
    foreign, unknown = seller.get(path_of(actor_id=buyer.id)), seller.get("/api/v1/decisions/999999")

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
