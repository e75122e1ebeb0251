"""Statements of reasons: for the person concerned only, the same when asked again, and without anything of anybody else."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from decisions import bundles, reading
from decisions.models import DecisionRecord
from decisions.sealing import drop_pseudonym_key
from decisions.texts import TextUnavailable
from marketplace.accounts.models import Role
from marketplace.chats.models import Message
from marketplace.moderation.models import QueueItem, Verdict
from marketplace.moderation.reviewing import resolve_item
from tests.api.callers import Caller, make_caller, refusal_of
from tests.canaries import leaks
from tests.editable_policies import copy_policies

pytestmark = pytest.mark.django_db
HIDDEN = ("0.99", "score", "lexicon", "detector", "span", "start", "words.1", "quokka", "signals")


@pytest.fixture
def mia(db: None) -> Caller:
    return make_caller("mia", Role.MODERATOR)


def refused_by(response: HttpResponse) -> int:
    """The decision that the header names last."""
    assert response.status_code in {403, 409}, response.content
    return int(response["Comity-Decision"].split(", ")[-1])


def statement(caller: Caller, decision_id: int) -> dict[str, Any]:
    first, again = (caller.get(f"/api/v1/decisions/{decision_id}/statement") for _ in range(2))
    assert first.status_code == 200, first.content
    assert first.content == again.content
    for surface in ("/assistant", "/assistant/ninja"):
        assert caller.get(f"{surface}/decisions/{decision_id}/statement").json() == first.json()
    assert leaks(first.text, HIDDEN) == []
    return first.json()


def resolve(moderator: Caller, verdict: str) -> int:
    """The ruling about the newest item."""
    path = f"/api/v1/moderation/queue/{QueueItem.objects.latest('pk').pk}"
    assert moderator.post(f"{path}/claim").status_code == 200
    ruled = moderator.post(f"{path}/resolve", {"verdict": verdict, "reason": "quokka said so"})
    return int(ruled["Comity-Decision"])


def test_blocked_text_says_all_that_article_17_asks_for(buyer: Caller, messages: str, order: Any) -> None:
    decision_id = refused_by(buyer.post(messages, {"text": "quokka threat:0.99"}))
    said = statement(buyer, decision_id)
    record = DecisionRecord.objects.get(pk=decision_id)
    assert said.pop("ground") == {
        "policy": "moderation_profiles",
        "version": 1,
        "revision": 0,
        "rule": "blocked[normal/threat]",
        "reason": "blocked",
        "category": "threat",
        "source": "Phase 1 plan, moderation profiles",
        "explanation": record.answer["message"],
    }
    assert said.pop("appeal_until")[:10] > said["decided_at"][:10]
    assert said.pop("elsewhere").startswith("You may also turn to")
    assert said == {
        "decision_id": decision_id,
        "decided_at": said["decided_at"],
        "restriction": "refusal",
        "duration": "once",
        "subject_kind": "chat",
        "subject_id": order["chat_id"],
        "prompted_by": "own_initiative",
        "detected_by_machine": True,
        "decided_by_machine": True,
        "facts": {"mode": "normal", "language": "english"},
        "lacks": None,
    }


def test_it_can_be_appealed_until_the_moment_that_it_names(
    buyer: Caller, messages: str, settings: Any, tmp_path: Any
) -> None:
    """A shorter time that is decided on later changes neither."""
    decision_id = refused_by(buyer.post(messages, {"text": "threat:0.99"}))
    before = statement(buyer, decision_id)
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "later")
    path = settings.COMITY_POLICIES_DIR / "appeals.yaml"
    path.write_text(path.read_text().replace("value: 14d", "value: 1d"))
    assert statement(buyer, decision_id) == before


def test_end_of_the_time_is_told_of_decisions_by_policies_that_asked_less(
    buyer: Caller, messages: str, settings: Any, tmp_path: Any
) -> None:
    """The bundle that decided declares fewer facts than services hand over today."""
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "earlier")
    path = settings.COMITY_POLICIES_DIR / "appeals.yaml"
    text = path.read_text()
    for start, end in (
        ("  because: string ", "\nparameters:"),
        ("  ruling_reasons:\n", "conditions:"),
        ("  unlisted: ", "  by_reporter:"),
        ("  - id: reason-not-listed", "  - id: appeal-rejected"),
    ):
        before, _, rest = text.partition(start)
        text = before + rest[rest.index(end) :]
    path.write_text(text)
    assert bundles.reload().problems == ()
    decision_id = refused_by(buyer.post(messages, {"text": "threat:0.99"}))
    assert statement(buyer, decision_id)["appeal_until"] is not None


@pytest.mark.parametrize(
    ("text", "rule", "category"),
    [
        ("threat:0.9+classifier", "suspected[normal/threat]", "threat"),
        ("hate:0.8+quoted", "quoted", "hate"),
    ],
)
def test_hold_says_why_and_until_when(
    text: str, rule: str, category: str, buyer: Caller, messages: str
) -> None:
    sent = buyer.post(messages, {"text": text})
    decision_id = sent.json()["moderation"]["decision_id"]
    assert str(decision_id) in sent["Comity-Decision"]
    said = statement(buyer, decision_id)
    assert (said["restriction"], said["duration"], said["prompted_by"]) == (
        "hold",
        "until_reviewed",
        "own_initiative",
    )
    assert (said["ground"]["rule"], said["ground"]["category"]) == (rule, category)
    assert said["appeal_until"] is not None


def test_removal_is_by_a_person_for_what_the_flag_found(
    buyer: Caller, seller: Caller, moderator: Caller, messages: str
) -> None:
    buyer.post(messages, {"text": "quokka insult:0.7"})
    ruling = resolve(moderator, "uphold")
    [message] = buyer.get(messages).json()["items"]
    assert message["moderation"]["decision_id"] == ruling
    said = statement(buyer, ruling)
    shown = ("restriction", "duration", "detected_by_machine", "decided_by_machine", "prompted_by")
    assert [said[name] for name in shown] == ["removal", "permanent", True, False, "own_initiative"]
    assert said["ground"]["category"] == "insult"
    assert "moderator has read your text" in said["ground"]["explanation"]
    assert str(moderator.id) not in said["facts"].values()
    for other in (seller, moderator):
        assert refusal_of(other.get(f"/api/v1/decisions/{ruling}/statement")) == (404, "not-found")


def test_removal_for_a_listed_reason_names_it(buyer: Caller, moderator: Caller, messages: str) -> None:
    buyer.post(messages, {"text": "insult:0.7"})
    item = QueueItem.objects.get()
    path = f"/api/v1/moderation/queue/{item.pk}"
    moderator.post(f"{path}/claim")
    resolved = resolve_item(
        moderator=moderator.user,
        item_id=item.pk,
        verdict=Verdict.UPHOLD,
        because="spam",
        reason="quokka",
        now=timezone.now(),
    )
    assert statement(buyer, resolved.ruling_id)["ground"]["category"] == "spam"


def test_removal_after_a_report_does_not_say_whose(
    buyer: Caller, seller: Caller, moderator: Caller, mia: Caller, messages: str
) -> None:
    text_id = buyer.post(messages, {"text": "Hello"}).json()["id"]
    reported = seller.post(
        "/api/v1/reports", {"kind": "chat_message", "text_id": text_id, "because": "fraud"}
    )
    ruling = resolve(moderator, "uphold")
    said = statement(buyer, ruling)
    assert (said["restriction"], said["prompted_by"], said["detected_by_machine"]) == (
        "removal",
        "report",
        False,
    )
    assert said["ground"]["category"] == "fraud"
    assert not {str(seller.id), str(moderator.id)} & set(said["facts"].values())
    report = DecisionRecord.objects.get(rule="report-allowed")
    assert refusal_of(buyer.get(f"/api/v1/decisions/{report.pk}")) == (404, "not-found")
    assert reported.json()["state"] == "open"
    assert seller.get("/api/v1/reports").json()["items"][0]["state"] == "removed"


def test_reporters_appeal_that_removes_a_text_is_stated_to_its_author(
    buyer: Caller, seller: Caller, moderator: Caller, mia: Caller, messages: str
) -> None:
    text_id = buyer.post(messages, {"text": "insult:0.6"}).json()["id"]
    report = seller.post("/api/v1/reports", {"kind": "chat_message", "text_id": text_id, "because": "abuse"})
    resolve(moderator, "overturn")
    opened = seller.post(f"/api/v1/reports/{report.json()['id']}/appeal", {"because": "harmful"}).json()
    ruled = mia.post(
        f"/api/v1/moderation/appeals/{opened['id']}/resolve", {"verdict": "overturn", "reason": "quokka"}
    )
    said = statement(buyer, int(ruled["Comity-Decision"]))
    assert (said["restriction"], said["decided_by_machine"]) == ("removal", False)
    assert said["appeal_until"] is not None
    assert refusal_of(seller.get(f"/api/v1/decisions/{said['decision_id']}/statement"))[0] == 404


def test_rejected_appeal_is_stated_to_whoever_made_it(
    buyer: Caller, seller: Caller, moderator: Caller, messages: str
) -> None:
    decision_id = refused_by(buyer.post(messages, {"text": "threat:0.99"}))
    opened = buyer.post(f"/api/v1/decisions/{decision_id}/appeal", {"because": "joke"}).json()
    ruled = moderator.post(
        f"/api/v1/moderation/appeals/{opened['id']}/resolve", {"verdict": "uphold", "reason": "quokka"}
    )
    said = statement(buyer, int(ruled["Comity-Decision"]))
    assert (said["restriction"], said["ground"]["explanation"], said["appeal_until"]) == (
        "rejected_appeal",
        "The decision stands.",
        None,
    )
    assert str(moderator.id) not in said["facts"].values()


def test_locked_chat_is_stated_to_both(
    buyer: Caller, seller: Caller, other_buyer: Caller, order: dict[str, Any]
) -> None:
    path = f"/api/v1/orders/{order['id']}/confirmations"
    first = buyer.post(path)
    decision_id = int(seller.post(path)["Comity-Decision"].split(", ")[-1])
    for party in (buyer, seller):
        said = statement(party, decision_id)
        assert (said["restriction"], said["duration"], said["subject_id"]) == (
            "lock",
            "permanent",
            order["id"],
        )
        assert said["appeal_until"] is None
    others = [(other_buyer, decision_id), (buyer, int(first["Comity-Decision"]))]
    for caller, number in others:
        assert refusal_of(caller.get(f"/api/v1/decisions/{number}/statement")) == (404, "not-found")


def test_every_refusal_of_any_policy_is_stated(
    buyer: Caller, seller: Caller, order: dict[str, Any], messages: str
) -> None:
    refusals = {
        "confirmation": buyer.delete(f"/api/v1/orders/{order['id']}/confirmations/mine"),
        "review_eligibility": buyer.post(
            "/api/v1/reviews", {"product_id": order["product_id"], "rating": 5, "text": "Good."}
        ),
        "appeals": buyer.post(
            f"/api/v1/decisions/{DecisionRecord.objects.earliest('pk').pk}/appeal", {"because": "other"}
        ),
    }
    for path in (f"/api/v1/orders/{order['id']}/confirmations",):
        assert {caller.post(path).status_code for caller in (buyer, seller)} == {200}
    refusals["chat"] = buyer.post(messages, {"text": "Hello?"})
    for policy, refused in refusals.items():
        said = statement(buyer, refused_by(refused))
        ground = said["ground"]
        assert (said["restriction"], ground["policy"], ground["reason"]) == (
            "refusal",
            policy,
            refused.json()["code"],
        )
        assert (said["prompted_by"], said["detected_by_machine"], said["appeal_until"]) == (
            "request",
            False,
            None,
        )
        assert ground["source"]


def test_pause_after_strikes_is_stated(buyer: Caller, messages: str) -> None:
    for _ in range(3):
        buyer.post(messages, {"text": "threat:0.99"})
    said = statement(buyer, refused_by(buyer.post(messages, {"text": "Hello"})))
    assert (said["ground"]["policy"], said["ground"]["rule"]) == ("strikes", "pause")
    assert said["facts"].keys() == {"strikes"}


def test_what_restricts_nobody_has_no_statement(buyer: Caller, messages: str) -> None:
    sent = buyer.post(messages, {"text": "spam:0.6"})
    assert Message.objects.get().queue_item is not None
    for number in sent["Comity-Decision"].split(", "):
        assert refusal_of(buyer.get(f"/api/v1/decisions/{number}/statement")) == (404, "not-found")
    titled = buyer.post("/assistant/conversations", {"message": "hi"})
    for number in titled["Comity-Decision"].split(", "):
        assert refusal_of(buyer.get(f"/api/v1/decisions/{number}/statement")) == (404, "not-found")


def test_statement_outlives_the_key_of_private_facts(buyer: Caller, messages: str) -> None:
    decision_id = refused_by(buyer.post(messages, {"text": "threat:0.99"}))
    before = statement(buyer, decision_id)
    drop_pseudonym_key(user_id=buyer.id)
    assert statement(buyer, decision_id) == before


def test_statement_says_what_it_lacks(buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(digest: str) -> None:
        raise TextUnavailable("the text of its policies is not stored")

    decision_id = refused_by(buyer.post(messages, {"text": "threat:0.99"}))
    monkeypatch.setattr(reading, "_bundle", unavailable)
    said = statement(buyer, decision_id)
    assert (said["lacks"], said["facts"]) == ("the text of its policies is not stored", {})
    assert (said["restriction"], said["ground"]["source"], said["appeal_until"]) == ("refusal", None, None)
    assert said["ground"]["explanation"].startswith("Your message was not sent")
