"""Every response under an Idempotency-Key is stored, and erased with the people whose data it contains."""

from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse

from api.models import IdempotencyKey
from api.views import moderation
from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import Role
from marketplace.assistant.services import delete_conversation
from marketplace.catalog.models import Product
from marketplace.chats import services as chats
from marketplace.moderation.models import Kind, QueueItem
from marketplace.publishing.people import approvers
from tests.api.callers import Caller, make_caller, make_product, refusal_of
from tests.api.forms import send_file
from tests.api.hostile_files import PDF
from tests.api.matrix import SURFACES, UPLOADS, operations
from tests.evidence import local_evidence
from tests.marketplace.accounts.test_erasure import everything_stored
from tests.marketplace.factories import LATER

ROOT = Path(__file__).parents[2]
BEA, SAM = "tracebea", "tracesam"
FLAGGED = "threat:1.0+reported"
PAGES_AND_SIGN_IN = ("POST /console/", "POST /api/auth/")
# These refuse a signed-in caller before deciding anything.
FOR_ANONYMOUS = {f"POST {base}/ephemeral/messages" for base in SURFACES}
OF_WORDS = {
    "POST /api/v1/chats/{chat_id}/messages",
    "POST /api/v1/reviews",
    "POST /api/v1/disputes/{dispute_id}/messages",
    "POST /api/v1/disputes/{dispute_id}/holds",
    "POST /api/v1/moderation/queue/{item_id}/claim",
    "POST /api/v1/moderation/queue/{item_id}/release",
    "POST /api/v1/moderation/queue/{item_id}/resolve",
    "POST /api/v1/moderation/appeals/{appeal_id}/resolve",
    *(f"POST {base}/conversations" for base in SURFACES),
    *(f"POST {base}/conversations/{{conversation_id}}/messages" for base in SURFACES),
}


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest, tmp_path: Path, settings: Any, _django_db_marker: None) -> None:
    local_evidence(request, settings, tmp_path / "evidence")
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "1000/min")


@pytest.fixture
def ada(db: None) -> Caller:
    return make_caller("ada", Role.AGENT)


class Asked:
    """One repeatable request with a key."""

    def __init__(self, operation: str, caller: Caller, body: Any, **ids: Any) -> None:
        self.operation, self.caller, self.body = operation, caller, body
        self.path = operation.removeprefix("POST ").format(**ids)
        self.key = f"key-{id(self)}"
        self.first = self.send()
        assert self.first.status_code < 300, self.first.content

    def send(self) -> HttpResponse:
        if self.operation in UPLOADS:
            return send_file(self.caller, self.path, PDF, f"{BEA}.pdf", key=self.key)
        return self.caller.post(self.path, self.body, **{"Idempotency-Key": self.key})


@pytest.fixture
def asked(
    buyer: Caller,
    seller: Caller,
    moderator: Caller,
    ada: Caller,
    policy_owner: Caller,
    desk: Product,
    sold: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> list[Asked]:
    monkeypatch.setattr("decisions.needs.needed_policies", list)
    return list(ask_everything(buyer, seller, moderator, ada, policy_owner, sold))


def ask_everything(
    bea: Caller, sam: Caller, max_: Caller, ada: Caller, pia: Caller, sold: dict[str, Any]
) -> Iterator[Asked]:
    v1 = "POST /api/v1"
    lamp = make_product(sam, "Brass lamp").pk
    order = Asked(f"{v1}/orders", bea, {"product_id": lamp})
    yield order
    ids = {"order_id": order.first.json()["id"], "chat_id": order.first.json()["chat_id"]}
    chat = f"/api/v1/chats/{ids['chat_id']}/messages"
    for caller, words in ((bea, BEA), (sam, SAM)):
        yield Asked(f"{v1}/chats/{{chat_id}}/messages", caller, {"text": f"I am {words}"}, **ids)
        assert caller.post(chat, {"text": f"{FLAGGED} {words}"}).status_code == 201
    yield Asked(f"{v1}/orders/{{order_id}}/confirmations", bea, {}, **ids)
    review = {"product_id": sold["product_id"], "rating": 5, "text": f"{FLAGGED} By {BEA}"}
    yield Asked(f"{v1}/reviews", bea, review)

    dispute = Asked(f"{v1}/disputes", bea, {"order_id": sold["id"], "text": f"It broke, {BEA}"})
    yield dispute
    ids["dispute_id"] = dispute.first.json()["id"]
    thread = f"/api/v1/disputes/{ids['dispute_id']}/messages"
    for caller, words in ((bea, BEA), (sam, SAM)):
        yield Asked(f"{v1}/disputes/{{dispute_id}}/messages", caller, {"text": f"I am {words}"}, **ids)
        assert caller.post(thread, {"text": f"{FLAGGED} {words}"}).status_code == 201
    yield Asked(f"{v1}/disputes/{{dispute_id}}/media", bea, None, **ids)
    quoting = {"reason": f"{BEA} and {SAM} say so"}
    hold = Asked(f"{v1}/disputes/{{dispute_id}}/holds", ada, quoting, **ids)
    yield hold
    assert ada.delete(f"/api/v1/holds/{hold.first.json()['id']}").status_code == 200
    for act, caller in (("close", ada), ("reopen", bea), ("close", ada)):
        yield Asked(f"{v1}/disputes/{{dispute_id}}/{act}", caller, quoting, **ids)

    yield from ask_for_appeals(bea, sam, max_, chat)
    for base in SURFACES:
        inbox = f"POST {base}/conversations"
        start = Asked(inbox, bea, {"message": f"{FLAGGED} I am {BEA}"})
        yield start
        say = inbox + "/{conversation_id}/messages"
        yield Asked(say, bea, {"text": f"Where is {BEA}?"}, conversation_id=start.first.json()["id"])

    queue = f"{v1}/moderation/queue/{{item_id}}"
    assert set(QueueItem.objects.values_list("kind", flat=True)) == set(Kind.values)
    for item in QueueItem.objects.filter(state="open").values_list("pk", flat=True):
        yield Asked(f"{queue}/claim", max_, {}, item_id=item)
        yield Asked(f"{queue}/release", max_, {}, item_id=item)
        assert max_.post(f"/api/v1/moderation/queue/{item}/claim").status_code == 200
        ruling = {"verdict": "uphold", "reason": f"{BEA} or {SAM} wrote it"}
        yield Asked(f"{queue}/resolve", max_, ruling, item_id=item)
    yield Asked(f"{v1}/moderation/preview", max_, {"text": f"{FLAGGED} {BEA} {SAM}"})

    facts = {"words": [BEA, SAM], "graphemes": 8, "has_product": False}
    yield Asked("POST /api/policies/{name}/decide", pia, {"facts": facts}, name="inbox_title")
    batch = {"items": [{"policy": "inbox_title", "facts": facts}]}
    yield Asked("POST /api/policies/decide-batch", pia, batch)
    yield from ask_about_bundles(pia, max_, ada)


def ask_for_appeals(bea: Caller, sam: Caller, max_: Caller, chat: str) -> Iterator[Asked]:
    """By Sam, against blocked texts and against what became of his report. A second moderator rules."""
    reported = bea.post(chat, {"text": f"Hello, {BEA}"}).json()["id"]
    body = {"kind": "chat_message", "text_id": reported, "because": "other"}
    report = Asked("POST /api/v1/reports", sam, body)
    yield report
    item = QueueItem.objects.latest("pk").pk
    for step, ruling in (("claim", {}), ("resolve", {"verdict": "overturn", "reason": "Fine."})):
        assert max_.post(f"/api/v1/moderation/queue/{item}/{step}", ruling).status_code == 200
    because = {"because": "harmful"}
    report_id = report.first.json()["id"]
    yield Asked("POST /api/v1/reports/{report_id}/appeal", sam, because, report_id=report_id)
    last: dict[str, Any] = {}
    for base in ("/api/v1", *SURFACES):
        refused = sam.post(chat, {"text": f"threat:0.99 {SAM}"})
        decision = refused["Comity-Decision"].split(", ")[-1]
        path = f"POST {base}/decisions/{{decision_id}}/appeal"
        made = Asked(path, sam, {"because": "joke"}, decision_id=decision)
        yield made
        last = made.first.json()
    ruling = {"verdict": "uphold", "reason": f"{BEA} or {SAM} wrote it"}
    yield Asked("POST /api/v1/moderation/appeals/{appeal_id}/resolve", max_, ruling, appeal_id=last["id"])


def ask_about_bundles(pia: Caller, max_: Caller, ada: Caller) -> Iterator[Asked]:
    """A bundle of one policy, since checking the others takes seconds."""
    texts = {"policy_change.yaml": (ROOT / "policies" / "policy_change.yaml").read_text()}
    bundles = "/api/policies/bundles"
    for approver in (max_, ada):
        assert approver.user is not None
        approver.user.groups.add(approvers())

    def publish() -> dict[str, Any]:
        bundle = pia.post(bundles, {"files": texts}).json()
        report = pia.post(f"{bundles}/{bundle['id']}/report").json()
        return {"digest": bundle["digest"], "report_digest": report["digest"], "bundle_id": bundle["id"]}

    def verdict(on: dict[str, Any]) -> dict[str, Any]:
        return {"digest": on["digest"], "report_digest": on["report_digest"]}

    def asked(step: str, caller: Caller, body: Any, on: dict[str, Any]) -> Asked:
        return Asked(f"POST {bundles}/{{bundle_id}}/{step}", caller, body, bundle_id=on["bundle_id"])

    first = Asked(f"POST {bundles}", pia, {"files": texts})
    yield first
    one = {"digest": first.first.json()["digest"], "bundle_id": first.first.json()["id"]}
    report = asked("report", pia, {}, one)
    yield report
    one["report_digest"] = report.first.json()["digest"]
    yield asked("approve", max_, verdict(one), one)
    # The claims about the other policies are gone, which two people have to approve.
    assert ada.post(f"{bundles}/{one['bundle_id']}/approve", verdict(one)).status_code == 200
    yield asked("activate", pia, {}, one)
    two = publish()
    yield asked("reject", max_, verdict(two), two)
    three = publish()
    assert max_.post(f"{bundles}/{three['bundle_id']}/approve", verdict(three)).status_code == 200
    yield asked("schedule", pia, {"at": "2126-01-01T00:00:00Z"}, three)
    yield asked("withdraw", pia, {}, three)
    four = publish()
    assert max_.post(f"{bundles}/{four['bundle_id']}/approve", verdict(four)).status_code == 200
    assert pia.post(f"{bundles}/{four['bundle_id']}/activate").status_code == 200
    yield Asked(f"POST {bundles}/rollback", pia, {})
    yield asked("break-glass", max_, {"reason": "The shop is down."}, two)
    yield asked("review", ada, {"reason": "Seen."}, two)


def kept() -> str:
    """Every value of every stored response."""
    return repr(list(IdempotencyKey.objects.values_list()))


@pytest.mark.full_on("postgresql")
def test_every_answer_is_kept_until_somebody_in_it_is_erased(
    asked: list[Asked], buyer: Caller, seller: Caller
) -> None:
    """In one test, since asking for everything takes seconds."""
    every_operation_that_takes_a_key_was_asked(asked)
    words_of_an_erased_person_are_in_no_table_and_no_answer_whoever_has_the_key(asked, buyer, seller)


def every_operation_that_takes_a_key_was_asked(asked: list[Asked]) -> None:
    takes_a_key = {name for name in operations() if name.startswith("POST ")} - FOR_ANONYMOUS
    takes_a_key = {name for name in takes_a_key if not name.startswith(PAGES_AND_SIGN_IN)}

    assert {one.operation for one in asked} == takes_a_key
    # If a response newly contains text, add it to the list, and its subjects to the response (`answer_about`).
    assert {one.operation for one in asked if BEA in one.first.text or SAM in one.first.text} == OF_WORDS
    assert IdempotencyKey.objects.count() == len(asked)
    for one in asked:
        again = one.send()
        assert (again.content, again["Idempotency-Replayed"]) == (one.first.content, "true"), one.operation


def words_of_an_erased_person_are_in_no_table_and_no_answer_whoever_has_the_key(
    asked: list[Asked], buyer: Caller, seller: Caller
) -> None:
    for person, trace in ((buyer, BEA), (seller, SAM)):
        assert trace in kept()

        erase_account(user_id=person.id, now=LATER)

        assert trace not in everything_stored()
        for one in asked:
            again = one.send()
            assert trace not in again.text, one.operation
            if one.caller is person:
                assert refusal_of(again) == (401, "invalid-token")
            elif trace in one.first.text:
                assert refusal_of(again) == (404, "not-found"), one.operation


@pytest.mark.parametrize("base", SURFACES)
def test_words_of_a_conversation_go_with_it_whoever_has_the_key(
    base: str, buyer: Caller, moderator: Caller, seller: Caller
) -> None:
    path = f"{base}/conversations"
    conversation = buyer.post(path, {"message": f"{FLAGGED} I am {BEA}"}).json()["id"]
    claim = "POST /api/v1/moderation/queue/{item_id}/claim"
    claimed = Asked(claim, moderator, {}, item_id=QueueItem.objects.latest("pk").pk)
    buyer.post(path, {"message": f"{FLAGGED} Another one"})
    other = Asked(claim, moderator, {}, item_id=QueueItem.objects.latest("pk").pk)
    assert BEA in claimed.first.text

    assert buyer.delete(f"{path}/{conversation}").status_code == 204

    assert BEA not in kept()
    assert refusal_of(claimed.send()) == (404, "not-found")
    assert other.send().content == other.first.content


@pytest.mark.parametrize("what", ["conversation", "person"])
def test_words_that_are_erased_while_an_answer_is_made_are_not_kept(
    what: str, buyer: Caller, moderator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/assistant/conversations"
    conversation = buyer.post(path, {"message": f"{FLAGGED} I am {BEA}"}).json()["id"]
    render = moderation._render

    def erase_and_render(*given: Any) -> dict[str, Any]:
        if what == "conversation":
            delete_conversation(owner=buyer.user, conversation_id=conversation)
        else:
            erase_account(user_id=buyer.id, now=LATER)
        return render(*given)

    with monkeypatch.context() as patched:
        patched.setattr(moderation, "_render", erase_and_render)
        claimed = Asked(
            "POST /api/v1/moderation/queue/{item_id}/claim",
            moderator,
            {},
            item_id=QueueItem.objects.latest("pk").pk,
        )

    assert BEA in claimed.first.text
    assert BEA not in everything_stored()
    assert refusal_of(claimed.send()) == (404, "not-found")


def test_request_of_somebody_who_is_erased_meanwhile_has_no_effect(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine = chats.examine

    def erase_and_examine(text: str) -> Any:
        Context().run(erase_account, user_id=buyer.id, now=LATER)  # by somebody other than this request
        return examine(text)

    monkeypatch.setattr(chats, "examine", erase_and_examine)
    refused = buyer.post(messages, {"text": f"I am {BEA}"}, **{"Idempotency-Key": "late"})

    assert refusal_of(refused) == (401, "invalid-token")
    assert BEA not in everything_stored()
