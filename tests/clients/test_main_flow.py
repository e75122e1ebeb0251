"""Generated clients in the main flow, errors included: responses match the documents."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client as Browser
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.chats.models import Message
from marketplace.publishing.people import approvers
from tests.api.callers import PASSWORD, Caller, make_caller, make_product
from tests.api.hostile_files import PDF
from tests.clients.conftest import NAMES
from tests.clients.documented import Documented
from tests.evidence import local_evidence
from tests.marketplace.publishing.bundle import Bundles, write_folder

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = {400, 401, 403, 404, 409, 422, 429}


class Clients:
    """Calls operations of the generated clients by id: `ask("open_order", caller, …)`."""

    def __init__(self, generated: Callable[[str], Any]) -> None:
        self.generated = generated
        self.documents = {name: Documented(name) for name in NAMES}

    def __call__(self, operation: str, client: Any, *places: Any, **fields: Any) -> tuple[int, Any]:
        """The status and the parsed response."""
        name = next(name for name, each in self.documents.items() if operation in each.operations)
        tag = self.documents[name].operations[operation]["tags"][0]
        module = self.generated(f"{name}.api.{tag}.{operation}")
        response = module.sync_detailed(*places, client=client(name), **fields)
        return int(response.status_code), response.parsed

    def body(self, name: str, **fields: Any) -> Any:
        for document in NAMES:
            if model := getattr(self.generated(f"{document}.models"), name, None):
                return model.from_dict(fields)
        raise AssertionError(name)

    def client_of(self, caller: Caller | None = None, **more: Any) -> Callable[[str], Any]:
        def make(name: str) -> Any:
            options = {
                "base_url": "http://testserver",
                "raise_on_unexpected_status": True,
                "httpx_args": {
                    "transport": httpx.WSGITransport(app=WSGIHandler()),
                    "event_hooks": {"response": [self.documents[name].check]},
                },
                **more,
            }
            module = self.generated(f"{name}.client")
            if caller is None or caller.token is None:
                return module.Client(**options)
            return module.AuthenticatedClient(token=caller.token, **options)

        return make


@pytest.fixture
def ask(
    generated: Callable[[str], Any], request: pytest.FixtureRequest, settings: Any, tmp_path: Path
) -> Clients:
    local_evidence(request, settings, tmp_path / "evidence")
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "1000/min")
    cache.clear()
    return Clients(generated)


def test_main_flow_meets_nothing_that_the_documents_do_not_say(
    ask: Clients, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("decisions.needs.needed_policies", list)  # so that a small bundle can be published
    bea, sam = make_caller("bea", Role.BUYER), make_caller("sam", Role.SELLER)
    people = {
        "bea": bea,
        "sam": sam,
        "ben": make_caller("ben", Role.BUYER),
        "ada": make_caller("ada", Role.AGENT),
    }
    people["max"] = make_caller("max", Role.MODERATOR)
    buyer, seller, other, agent, moderator = (ask.client_of(each) for each in people.values())
    nobody = ask.client_of()
    desk, lamp = make_product(sam), make_product(sam, "Brass lamp")

    token = sign_in(ask, nobody)
    order = trade(ask, buyer, seller, other, nobody, desk.pk)
    send_again(ask, buyer, lamp.pk)
    dispute(ask, buyer, agent, order.id)
    moderate(ask, buyer, moderator, lamp.pk)
    appeal(ask, buyer, seller, other, moderator)
    decide(ask, buyer, moderator)
    publish(ask, moderator, tmp_path)
    talk(ask, buyer, other, nobody)
    by_session(ask, bea, lamp.pk)
    sign_out(ask, token)
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "0/min")
    assert code(ask("list_products", nobody)) == (429, "throttled")

    for name, document in ask.documents.items():
        unanswered = {
            each for each in document.operations if not any(status < 400 for status in document.met[each])
        }
        assert unanswered == set(), name
    assert (
        set.union(*(statuses for each in ask.documents.values() for statuses in each.met.values())) >= REFUSED
    )


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    """Of an error, which the client has parsed as a problem document."""
    status, problem = answer
    assert problem.status == status
    return status, problem.code


def sign_in(ask: Clients, nobody: Any) -> str:
    wrong = ask.body("Credentials", username="bea", password="not hers")
    assert code(ask("issue_token", nobody, body=wrong)) == (401, "invalid-credentials")
    status, issued = ask(
        "issue_token", nobody, body=ask.body("Credentials", username="bea", password=PASSWORD)
    )
    assert (status, issued.user.role.value) == (201, "buyer")
    return issued.token


def sign_out(ask: Clients, token: str) -> None:
    caller = ask.client_of(Caller(token=token))
    assert ask("revoke_token", caller)[0] == 204
    assert code(ask("list_orders", caller)) == (401, "invalid-token")


def trade(ask: Clients, buyer: Any, seller: Any, other: Any, nobody: Any, product: int) -> Any:
    wanted = ask.body("OrderRequest", product_id=product)
    assert product in [each.id for each in ask("list_products", nobody)[1].items]
    assert ask("read_product", nobody, product)[1].single_sale is True
    assert code(ask("read_product", nobody, 999_999)) == (404, "not-found")
    assert code(ask("list_products", nobody, cursor="none:" + "x" * 43)) == (400, "invalid-cursor")
    assert code(ask("list_products", nobody, limit=101)) == (422, "invalid-request")
    assert code(ask("open_order", nobody, body=wanted)) == (401, "unauthenticated")
    refusal = ask("open_order", seller, body=wanted)
    assert code(refusal) == (403, "own-product")
    assert refusal[1].policy == "confirmation"
    status, order = ask("open_order", buyer, body=wanted)
    assert (status, order.status.value) == (201, "pending")
    assert ask("open_order", buyer, body=wanted)[0] == 200
    assert ask("list_orders", buyer)[1].items == [order]
    assert code(ask("read_order", other, order.id)) == (404, "not-found")
    assert ask("read_order", buyer, order.id)[1] == order
    recorded = DecisionRecord.objects.get(rule="open-allowed", subject_id=order.id).pk
    assert ask("read_decision", buyer, recorded)[1].outcome == "allow"
    assert code(ask("read_decision", other, recorded)) == (404, "not-found")
    [listed] = ask("list_order_decisions", seller, order.id)[1].items
    assert (listed.id, listed.outcome) == (recorded, "allow")
    assert code(ask("list_order_decisions", other, order.id)) == (404, "not-found")

    hello = ask.body("MessageRequest", text="Is it still there?")
    assert ask("send_chat_message", buyer, order.chat_id, body=hello)[1].moderation.state.value == "delivered"
    assert (
        code(
            ask(
                "send_chat_message", buyer, order.chat_id, body=ask.body("MessageRequest", text="threat:0.99")
            )
        )[0]
        == 403
    )
    assert len(ask("list_chat_messages", seller, order.chat_id)[1].items) == 1

    review = ask.body("ReviewRequest", product_id=product, rating=5, text="Solid.")
    assert code(ask("write_review", buyer, body=review)) == (403, "seller-must-confirm")
    eligibility = ask("check_review_eligibility", buyer, product)[1]
    assert eligibility.reason == "seller-must-confirm"
    assert eligibility.conditions["own_product"] is False
    confirmation = ask.body("ConfirmationRequest")
    assert ask("confirm_order", buyer, order.id, body=confirmation)[1].buyer_confirmed_at is not None
    assert ask("withdraw_confirmation", buyer, order.id)[1].buyer_confirmed_at is None
    assert code(ask("withdraw_confirmation", buyer, order.id)) == (409, "nothing-to-withdraw")
    ask("confirm_order", buyer, order.id, body=confirmation)
    order = ask("confirm_order", seller, order.id, body=confirmation)[1]
    assert order.status.value == "completed"
    assert code(ask("send_chat_message", buyer, order.chat_id, body=hello)) == (409, "chat-locked")
    assert ask("write_review", buyer, body=review)[0] == 201
    assert code(ask("write_review", buyer, body=review)) == (409, "already-reviewed")
    assert [each.rating for each in ask("list_product_reviews", nobody, product)[1].items] == [5]
    return order


def send_again(ask: Clients, buyer: Any, product: int) -> None:
    wanted = ask.body("OrderRequest", product_id=product)
    first, again = (ask("open_order", buyer, body=wanted, idempotency_key="once") for _ in range(2))
    assert first == again
    assert first[0] == 201
    different = ask.body("OrderRequest", product_id=999_999)
    assert code(ask("open_order", buyer, body=different, idempotency_key="once")) == (
        422,
        "idempotency-key-reused",
    )
    assert code(ask("open_order", buyer, body=wanted, idempotency_key="a,b")) == (400, "bad-request")


def dispute(ask: Clients, buyer: Any, agent: Any, order: int) -> None:
    reason = ask.body("ReasonRequest", reason="Settled.")
    status, opened = ask(
        "open_dispute", buyer, body=ask.body("DisputeRequest", order_id=order, text="It is broken.")
    )
    assert (status, opened.status.value) == (201, "open")
    assert (
        code(ask("open_dispute", buyer, body=ask.body("DisputeRequest", order_id=order, text="Again.")))[0]
        == 409
    )
    assert ask("list_disputes", buyer)[1].items == [ask("read_dispute", agent, opened.id)[1]]
    assert (
        ask("send_dispute_message", buyer, opened.id, body=ask.body("MessageRequest", text="Look."))[0] == 201
    )
    assert len(ask("list_dispute_messages", agent, opened.id)[1].items) == 2

    status, media = ask("add_media", buyer, opened.id, body=file_of(ask, PDF, "receipt.pdf"))
    assert (status, media.kind.value, media.state.value) == (201, "pdf", "live")
    assert code(ask("add_media", buyer, opened.id, body=file_of(ask, b"words", "words.txt"))) == (
        422,
        "file-kind",
    )
    assert [each.id for each in ask("list_media", buyer, opened.id)[1].items] == [media.id]
    link = httpx.URL(ask("read_media", buyer, media.id)[1].url)
    nobody = ask.client_of()
    assert ask("download_media", nobody, media.id, token=link.params["token"])[1].payload.read() == PDF
    assert code(ask("download_media", nobody, media.id, token="forged")) == (404, "not-found")

    hold = ask("place_hold", agent, opened.id, body=reason)[1]
    assert code(ask("place_hold", buyer, opened.id, body=reason))[0] in {403, 404}
    assert ask("list_holds", agent, opened.id)[1].items == [hold]
    assert ask("release_hold", agent, hold.id)[1].released_at is not None
    assert code(ask("release_hold", agent, hold.id)) == (409, "hold-released")
    assert ask("close_dispute", agent, opened.id, body=reason)[1].status.value == "closed"
    assert ask("reopen_dispute", buyer, opened.id, body=reason)[1].status.value == "reopened"
    assert code(ask("reopen_dispute", buyer, opened.id, body=reason)) == (409, "not-closed")


def file_of(ask: Clients, content: bytes, name: str) -> Any:
    types, models = ask.generated("marketplace.types"), ask.generated("marketplace.models")
    return models.AddMediaBody(file=types.File(payload=BytesIO(content), file_name=name))


def moderate(ask: Clients, buyer: Any, moderator: Any, product: int) -> None:
    text = ask.body("PreviewRequest", text="insult:0.6")
    assert code(ask("preview_moderation", buyer, body=text)) == (403, "role-required")
    decisions = ask("preview_moderation", moderator, body=text)[1].decisions.additional_properties
    assert decisions.keys() == {"normal", "dispute"}
    order = ask("open_order", buyer, body=ask.body("OrderRequest", product_id=product))[1]
    ask("send_chat_message", buyer, order.chat_id, body=ask.body("MessageRequest", text="insult:0.6"))
    [item] = ask("list_queue_items", moderator)[1].items
    assert (item.kind.value, item.thread.kind.value, item.state.value) == ("chat_message", "chat", "open")
    open_ones = ask.generated("marketplace.models").ListQueueItemsState.OPEN
    kind = ask.generated("marketplace.models").ReadTextKind.CHAT_MESSAGE
    assert ask("read_text", moderator, item.subject_id, kind=kind)[1].text == "insult:0.6"
    assert code(ask("read_text", buyer, item.subject_id, kind=kind)) == (403, "role-required")
    assert ask("list_queue_items", moderator, state=open_ones)[1].items == [item]
    ruling = ask.body("ResolveRequest", verdict="overturn", reason="A joke.")
    assert code(ask("resolve_item", moderator, item.id, body=ruling)) == (409, "not-claimed")
    assert ask("claim_item", moderator, item.id, body=ask.body("ClaimRequest"))[1].state.value == "claimed"
    assert ask("release_item", moderator, item.id, body=ask.body("ReleaseRequest"))[1].state.value == "open"
    ask("claim_item", moderator, item.id, body=ask.body("ClaimRequest"))
    assert ask("resolve_item", moderator, item.id, body=ruling)[1].verdict.value == "overturn"


def appeal(ask: Clients, buyer: Any, seller: Any, other: Any, moderator: Any) -> None:
    """The moderator has overturned a flag of the buyer's message before."""
    message = Message.objects.get(queue_item__isnull=False)
    wanted = ask.body("ReportRequest", kind="chat_message", text_id=message.pk, because="abuse")
    assert code(ask("report_text", other, body=wanted)) == (404, "not-found")
    assert code(ask("report_text", buyer, body=wanted)) == (403, "own-text")
    status, report = ask("report_text", seller, body=wanted)
    assert (status, report.state.value) == (201, "left")
    assert code(ask("report_text", seller, body=wanted)) == (409, "reported-before")
    assert ask("list_reports", seller)[1].items == [report]
    because = ask.body("AppealRequest", because="harmful")
    status, by_reporter = ask("appeal_report", seller, report.id, body=because)
    assert (status, by_reporter.state.value, by_reporter.report_id) == (201, "open", report.id)

    blocked = DecisionRecord.objects.filter(outcome="block").earliest("pk").pk
    statement = ask("read_statement", buyer, blocked)[1]
    assert (statement.restriction.value, statement.ground.category) == ("refusal", "threat")
    assert statement.appeal_until is not None
    assert ask("explain_decision", buyer, blocked)[1].decision_id == blocked
    assert code(ask("read_statement", seller, blocked)) == (404, "not-found")
    because = ask.body("AppealRequest", because="joke")
    status, by_author = ask("appeal_decision", buyer, blocked, body=because)
    assert (status, by_author.report_id) == (201, None)
    assert code(ask("appeal", buyer, blocked, body=because)) == (409, "appealed-before")
    assert ask("list_appeals", buyer)[1].items == [by_author]
    assert [each.id for each in ask("list_open_appeals", moderator)[1].items] == [
        by_reporter.id,
        by_author.id,
    ]
    assert code(ask("list_open_appeals", buyer)) == (403, "role-required")
    ruling = ask.body("RuleRequest", verdict="overturn", reason="Seen.")
    assert code(ask("rule_on_appeal", moderator, by_reporter.id, body=ruling)) == (403, "same-moderator")
    ruled = ask("rule_on_appeal", moderator, by_author.id, body=ruling)[1]
    assert (ruled.state.value, ruled.delivered) == ("overturned", False)  # the chat is locked
    month = timezone.now().strftime("%Y-%m")
    counted = ask("read_statistics", moderator, month=month)[1]
    assert (counted.month, counted.appeals["overturned"]) == (month, 1)

    order = ask("open_order", other, body=ask.body("OrderRequest", product_id=message.chat.product_id))[1]
    text = ask.body("MessageRequest", text="threat:0.99")
    assert code(ask("send_chat_message", other, order.chat_id, body=text))[0] == 403
    blocked = DecisionRecord.objects.filter(outcome="block").latest("pk").pk
    assert ask("appeal", other, blocked, body=because)[1].state.value == "open"


def decide(ask: Clients, buyer: Any, owner: Any) -> None:
    facts = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}
    assert {each.name for each in ask("list_policies", buyer)[1].items} >= {"chat", "confirmation"}
    assert code(ask("read_policy", buyer, "chat")) == (403, "role-required")
    assert ask("read_policy", owner, "chat")[1].name == "chat"
    assert code(ask("read_policy", owner, "none")) == (404, "not-found")
    asked = ask.body("DecideRequest", facts=facts, explain=True, counterfactuals=True)
    assert code(ask("decide_policy", buyer, "chat", body=asked)) == (403, "role-required")
    status, decision = ask("decide_policy", owner, "chat", body=asked)
    assert (status, decision.outcome, decision.explanation is None) == (200, "allow", False)
    misfit = ask("decide_policy", owner, "chat", body=ask.body("DecideRequest", facts={}))[1]
    assert (misfit.outcome, {each.code for each in misfit.errors}) == ("deny", {"missing"})
    batch = ask.body("BatchRequest", items=[{"policy": "chat", "facts": facts}])
    assert [each.outcome for each in ask("decide_batch", owner, body=batch)[1].items] == ["allow"]
    unknown = ask.body("BatchRequest", items=[{"policy": "none", "facts": facts}])
    assert code(ask("decide_batch", owner, body=unknown)) == (422, "invalid-request")


def publish(ask: Clients, reader: Any, folder: Path) -> None:
    """Each bundle but the last is taken back in another way."""
    ann, carl = make_caller("ann", Role.POLICY_OWNER), make_caller("carl", Role.MODERATOR)
    dan = make_caller("dan", Role.MODERATOR)
    approvers().user_set.add(carl.user, dan.user)
    owner, approver, second_approver = (ask.client_of(each) for each in (ann, carl, dan))
    shop = Bundles(folder / "shop", ann.user, carl.user)
    write_folder(shop.folder / "policies")
    plain = ask.body("PlainRequest")

    def compared() -> tuple[int, Any]:
        status, bundle = ask("publish_bundle", owner, body=ask.body("BundleRequest", files=shop.texts()))
        assert (status, bundle.state.value) == (201, "published")
        report = ask("make_report", owner, bundle.id, body=plain)[1]
        assert ask("read_report", reader, bundle.id)[1] == report
        return bundle.id, ask.body("VerdictRequest", digest=bundle.digest, report_digest=report.digest)

    def state_after(verb: str, by: Any, *places: int, body: Any) -> str:
        return ask(f"{verb}_bundle", by, *places, body=body)[1].state.value

    assert code(ask("publish_bundle", reader, body=ask.body("BundleRequest", files=shop.texts())))[0] == 403
    first, seen = compared()
    assert code(ask("approve_bundle", owner, first, body=seen)) == (403, "not-an-approver")
    assert state_after("approve", approver, first, body=seen) == "published"
    assert code(ask("activate_bundle", owner, first, body=plain)) == (409, "approvals-missing")
    assert state_after("approve", second_approver, first, body=seen) == "published"
    assert state_after("activate", owner, first, body=plain) == "active"
    shop.edit("value: 100", "value: 200")
    second, seen = compared()
    assert state_after("reject", approver, second, body=seen) == "rejected"
    third, seen = compared()
    assert state_after("approve", approver, third, body=seen) == "published"
    later = ask.body("ScheduleRequest", at="2126-01-01T00:00:00Z")
    assert state_after("schedule", owner, third, body=later) == "scheduled"
    assert state_after("withdraw", owner, third, body=ask.body("ExplainedRequest")) == "withdrawn"
    fourth, seen = compared()
    assert state_after("approve", approver, fourth, body=seen) == "published"
    assert state_after("activate", owner, fourth, body=plain) == "active"
    assert state_after("roll_back", approver, body=ask.body("RollbackRequest")) == "active"
    forced = ask.body("ForcedRequest", reason="The shop is down.")
    assert code(ask("force_bundle", owner, second, body=forced)) == (403, "role-required")
    assert state_after("force", approver, second, body=forced) == "active"
    assert code(ask("review_bundle", approver, second, body=ask.body("ExplainedRequest"))) == (
        403,
        "review-own",
    )
    assert state_after("review", second_approver, second, body=ask.body("ExplainedRequest")) == "active"
    assert ask("read_bundle", reader, fourth)[1].state.value == "replaced"
    assert {each.id for each in ask("list_bundles", reader)[1].items} == {first, second, third, fourth}


def talk(ask: Clients, user: Any, other: Any, nobody: Any) -> None:
    assert ask("session", nobody)[1].lane.value == "ephemeral"
    assert ask("settings", nobody)[1].max_turns > 0
    question = ask.body("EphemeralRequest", text="Can I review it?")
    assert ask("say_ephemeral", nobody, body=question)[1].reply.text
    assert code(ask("say_ephemeral", user, body=question)) == (409, "logged-in")
    status, started = ask(
        "start_conversation", user, body=ask.body("StartRequest", message="Can I review it?")
    )
    assert (status, [each.author.value for each in started.messages]) == (201, ["user", "assistant"])
    assert ask("session", user)[1].inbox.unread == 1
    assert ask("say", user, started.id, body=ask.body("SayRequest", text="Why?"))[1].reply.text
    assert len(ask("list_messages", user, started.id)[1].items) == 4
    renamed = ask("change_conversation", user, started.id, body=ask.body("ChangeRequest", title="Mine"))
    assert renamed[1].title == "Mine"
    assert ask("list_conversations", user)[1].items == [ask("read_conversation", user, started.id)[1]]
    assert len(ask("export_conversation", user, started.id)[1].messages) == 4
    assert code(ask("read_conversation", other, started.id)) == (404, "not-found")
    assert ask("delete_conversation", user, started.id)[0] == 204
    assert code(ask("delete_conversation", user, started.id)) == (404, "not-found")


def by_session(ask: Clients, person: Caller, product: int) -> None:
    """As documented: with a session cookie, and a CSRF token for writes."""
    browser = Browser()
    browser.force_login(person.user)
    browser.get("/console/account")
    cookies = {name: browser.cookies[name].value for name in ("sessionid", "csrftoken")}
    wanted = ask.body("OrderRequest", product_id=product)
    assert ask("list_orders", ask.client_of(cookies=cookies))[0] == 200
    assert code(ask("open_order", ask.client_of(cookies=cookies), body=wanted)) == (403, "csrf-failed")
    headers = {"X-CSRFToken": cookies["csrftoken"]}
    assert ask("open_order", ask.client_of(cookies=cookies, headers=headers), body=wanted)[0] == 200
