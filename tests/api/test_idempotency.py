"""A POST repeated with an Idempotency-Key: one effect, one response."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone

from api import idempotency
from api.idempotency import prune_keys
from api.models import IdempotencyKey
from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.catalog.models import Product
from marketplace.chats import services as chats
from marketplace.chats.models import Message
from marketplace.orders.models import Order
from tests.api.callers import Caller, make_product, problem_of, refusal_of

KEY = {"Idempotency-Key": "3f0e-order"}


def test_order_is_opened_once_and_answered_alike(buyer: Caller, desk: Product) -> None:
    first, again = (buyer.post("/api/v1/orders", {"product_id": desk.pk}, **KEY) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"]
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert Order.objects.count() == 1


def test_message_is_written_once(buyer: Caller, messages: str) -> None:
    answers = [buyer.post(messages, {"text": "Is it oak?"}, **KEY) for _ in range(3)]

    assert len({answer.content for answer in answers}) == 1
    assert Message.objects.count() == 1


def test_message_without_a_key_is_written_each_time(buyer: Caller, messages: str) -> None:
    for _ in range(2):
        buyer.post(messages, {"text": "Is it oak?"})

    assert Message.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_keys_of_two_callers_have_nothing_to_do_with_each_other(
    buyer: Caller, seller: Caller, messages: str
) -> None:
    answers = [caller.post(messages, {"text": "Hello"}, **KEY).json() for caller in (buyer, seller)]

    assert [answer["author_id"] for answer in answers] == [buyer.id, seller.id]


def test_other_body_is_refused(buyer: Caller, messages: str) -> None:
    buyer.post(messages, {"text": "Is it oak?"}, **KEY)

    assert refusal_of(buyer.post(messages, {"text": "Is it ash?"}, **KEY)) == (422, "idempotency-key-reused")
    assert Message.objects.count() == 1


def test_other_path_is_refused(buyer: Caller, messages: str, order: dict[str, Any]) -> None:
    buyer.post(messages, {"text": "Is it oak?"}, **KEY)

    refused = buyer.post(f"/api/v1/orders/{order['id']}/confirmations", {}, **KEY)

    assert refusal_of(refused) == (422, "idempotency-key-reused")
    assert Order.objects.get().buyer_confirmed_at is None


def test_body_counts_by_what_it_says(seller: Caller, sold: dict[str, Any], buyer: Caller) -> None:
    one = b'{"product_id": %d, "rating": 5, "text": "Good."}' % sold["product_id"]
    other = b'{ "text":"Good.","rating":5,  "product_id":%d }' % sold["product_id"]

    answers = [buyer.send("/api/v1/reviews", content, **KEY) for content in (one, other)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


@pytest.mark.full_on("postgresql")
@pytest.mark.parametrize(
    "key",
    [
        *("", "a b", "a" * 256, "schlüssel".encode().decode("latin-1"), "a\x7f", "a\tb"),
        *(
            '""',
            '"',
            '"a',
            'a"',
            'a"b',
            '"a"b"',
            '"a\\b"',
            '"a\\"',
            '"a\tb"',
            '"schl\xfcssel"',
            '"' + "a" * 256 + '"',
        ),
        *('"a";version=1', '"a" "b"', "'a b'"),
    ],
)
def test_odd_key_is_refused(key: str, buyer: Caller, messages: str) -> None:
    refused = buyer.post(messages, {"text": "Hello"}, **{"Idempotency-Key": key})

    assert refusal_of(refused) == (400, "bad-request")
    assert not Message.objects.exists()


@pytest.mark.full_on("postgresql")
@pytest.mark.parametrize(
    "joined", ["k1,k2", "k1, k2", "k1,k1", "k1,", ",k1", '"k1","k2"', '"k1", "k2"', 'k1, "k2"']
)
def test_two_keys_that_a_server_joined_are_refused(joined: str, buyer: Caller, messages: str) -> None:
    refused = buyer.post(messages, {"text": "Hello"}, **{"Idempotency-Key": joined})

    assert refusal_of(refused) == (400, "bad-request")
    assert "one Idempotency-Key" in problem_of(refused)["detail"]
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("k1", '"k1"'),
        ('"k1"', "k1"),
        ("a\\b;c='d'", "\"a\\\\b;c='d'\""),
        ('"a b"', '"a b"'),
        ('"a, b"', '"a, b"'),
        ('"say \\"hi\\""', '"say \\"hi\\""'),
        ("a" * 255, '"' + "a" * 255 + '"'),
    ],
)
def test_quoted_key_is_the_key_without_its_quotes(one: str, other: str, buyer: Caller, messages: str) -> None:
    first, again = (buyer.post(messages, {"text": "Hi"}, **{"Idempotency-Key": key}) for key in (one, other))

    assert (first.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert Message.objects.count() == 1


def headers_of(response: HttpResponse) -> dict[str, str]:
    """Without the headers that differ between any two requests."""
    own = {"X-Request-ID", "Idempotency-Replayed"}
    return {name: value for name, value in response.headers.items() if name not in own}


def test_answer_is_sent_again_with_its_headers(buyer: Caller, sold: dict[str, Any], messages: str) -> None:
    for path, body, status in [
        ("/api/v1/orders", {"product_id": sold["product_id"]}, 200),
        ("/api/v1/reviews", {"product_id": sold["product_id"], "rating": 5, "text": "Good."}, 201),
        (messages, {"text": "Late"}, 409),
        ("/assistant/conversations", {"message": "Hello"}, 201),
        ("/assistant/ninja/conversations", {"message": "Hello"}, 201),
    ]:
        first, again = (buyer.post(path, body, **{"Idempotency-Key": path}) for _ in range(2))
        assert first.status_code == status
        assert again["Idempotency-Replayed"] == "true"
        assert headers_of(again) == headers_of(first)


def test_answer_sent_again_names_the_bundle_that_decided(
    buyer: Caller, desk: Product, policies: Path
) -> None:
    body = {"product_id": desk.pk}
    first = buyer.post("/api/v1/orders", body, **KEY)
    chat = policies / "chat.yaml"
    chat.write_text(chat.read_text().replace("The chat is open.", "The chat is still open."))
    assert bundles.reload().healthy

    again, other = buyer.post("/api/v1/orders", body, **KEY), buyer.get("/api/v1/orders")

    assert again["Idempotency-Replayed"] == "true"
    assert again["Comity-Bundle"] == first["Comity-Bundle"] != other["Comity-Bundle"]


def test_denial_is_answered_again_and_decided_once(buyer: Caller, sold: dict[str, Any]) -> None:
    path = f"/api/v1/chats/{sold['chat_id']}/messages"
    before = DecisionRecord.objects.count()

    first, again = (buyer.post(path, {"text": "One more thing"}, **KEY) for _ in range(2))

    assert refusal_of(first) == refusal_of(again) == (409, "chat-locked")
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert DecisionRecord.objects.count() == before + 1


def test_key_of_a_body_that_did_not_fit_can_be_used(buyer: Caller, messages: str) -> None:
    assert refusal_of(buyer.post(messages, {"txt": "Hello"}, **KEY)) == (422, "invalid-request")

    assert buyer.post(messages, {"text": "Hello"}, **KEY).status_code == 201


def test_trouble_with_detectors_is_not_kept(buyer: Caller, messages: str, settings: Any) -> None:
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"
    before = DecisionRecord.objects.count()

    answers = [buyer.post(messages, {"text": "Hello"}, **KEY) for _ in range(2)]

    assert [refusal_of(answer) for answer in answers] == [(503, "moderation-unavailable")] * 2
    assert not any("Idempotency-Replayed" in answer for answer in answers)
    assert DecisionRecord.objects.count() > before
    assert not IdempotencyKey.objects.exists()


def test_failure_on_our_side_keeps_neither_effect_nor_answer(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.client.raise_request_exception = False
    before = DecisionRecord.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr("api.views.chats.render_message", lambda *_, **__: 1 / 0)
        assert refusal_of(buyer.post(messages, {"text": "Hello"}, **KEY)) == (500, "internal-error")
    assert (Message.objects.count(), DecisionRecord.objects.count()) == (0, before)

    assert buyer.post(messages, {"text": "Hello"}, **KEY).status_code == 201
    assert Message.objects.count() == 1


def test_answer_that_cannot_be_stored_takes_the_effect_with_it(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(idempotency.Attempt, "_mine", fail)
        refused = buyer.post(messages, {"text": "Hello"}, **KEY)

    assert refusal_of(refused) == (503, "unavailable")
    assert refused["Retry-After"] == "2"
    assert not Message.objects.exists()


def test_slow_work_is_done_before_the_transaction(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    examine = chats.examine

    def watch(text: str) -> Any:
        held.append(IdempotencyKey.objects.exists())
        return examine(text)

    monkeypatch.setattr(chats, "examine", watch)
    buyer.post(messages, {"text": "Hello"}, **KEY)

    assert (held, IdempotencyKey.objects.count()) == ([False], 1)


def test_answer_without_an_effect_is_kept_too(policy_owner: Caller) -> None:
    path, body = "/api/policies/chat/decide", {"facts": {}}

    first, again = (policy_owner.post(path, body, **KEY) for _ in range(2))

    assert (first.status_code, first.content) == (200, again.content)
    assert again["Idempotency-Replayed"] == "true"


def test_key_of_a_caller_not_signed_in_is_ignored(anonymous: Caller, buyer: Caller) -> None:
    body = {"username": "bea", "password": "wrong"}

    answers = [anonymous.post("/api/auth/tokens", body, **KEY) for _ in range(2)]

    assert [refusal_of(answer) for answer in answers] == [(401, "invalid-credentials")] * 2
    assert not IdempotencyKey.objects.exists()


def test_key_of_a_read_is_ignored(buyer: Caller) -> None:
    assert buyer.get("/api/v1/orders", **KEY).status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_problem_that_is_kept_is_still_a_problem(buyer: Caller, seller: Caller) -> None:
    mine = make_product(seller)

    answers = [seller.post("/api/v1/orders", {"product_id": mine.pk}, **KEY) for _ in range(2)]

    assert problem_of(answers[0]) == problem_of(answers[1])
    assert answers[0]["Cache-Control"] == answers[1]["Cache-Control"] == "no-store"


def test_key_counts_for_a_day(buyer: Caller, messages: str) -> None:
    buyer.post(messages, {"text": "Hello"}, **KEY)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    later = buyer.post(messages, {"text": "Hello"}, **KEY)

    assert (later.status_code, "Idempotency-Replayed" in later) == (201, False)
    assert (Message.objects.count(), IdempotencyKey.objects.count()) == (2, 1)


def test_only_old_keys_are_pruned(buyer: Caller, messages: str) -> None:
    for name in ("old", "young"):
        buyer.post(messages, {"text": name}, **{"Idempotency-Key": name})
    now = timezone.now()
    IdempotencyKey.objects.filter(key="old").update(created_at=now - timedelta(hours=24, seconds=1))

    assert [prune_keys(now=now), prune_keys(now=now)] == [1, 0]
    assert IdempotencyKey.objects.get().key == "young"
