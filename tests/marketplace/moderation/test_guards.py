"""What the database refuses when services are bypassed."""

import pytest
from django.db import IntegrityError, connection

from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.moderation.apps import ERASED
from marketplace.moderation.models import QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product

STATE = "queue_item_is_what_its_state_says"


@pytest.fixture
def held(order, bea) -> Message:
    return send_message(author=bea, chat_id=order.chat_id, text="threat:0.9+classifier", now=NOW)


@pytest.fixture
def item(held) -> QueueItem:
    return held.queue_item


@pytest.fixture
def resolved(item, max_) -> QueueItem:
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    return resolve_item(moderator=max_, item_id=item.pk, verdict=Verdict.UPHOLD, reason="Seen.", now=LATER)


def change(item: QueueItem, **fields: object) -> int:
    return QueueItem.objects.filter(pk=item.pk).update(**fields)


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "claimed"},
        {"state": "resolved"},
        {"state": "lost"},
        {"verdict": "overturn"},
        {"reason": "Seen."},
        {"resolved_at": NOW},
        {"claimed_at": NOW},
        {"state": "resolved", "verdict": "overturn", "reason": "Seen.", "resolved_at": NOW},
    ],
)
def test_item_is_what_its_state_says(item, fields):
    with pytest.raises(IntegrityError, match=STATE):
        change(item, **fields)


@pytest.mark.parametrize(
    "fields", [{"verdict": "perhaps"}, {"verdict": ""}, {"reason": ""}, {"resolved_at": None}]
)
def test_resolved_item_has_a_verdict_and_a_reason(item, max_, fields):
    whole = {"verdict": "uphold", "reason": "Seen.", "resolved_by": max_, "resolved_at": NOW}
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    with pytest.raises(IntegrityError, match=STATE):
        change(item, state="resolved", **{**whole, **fields})


def test_only_the_claimer_can_have_resolved_it(item, max_, mia):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    with pytest.raises(IntegrityError, match=STATE):
        change(item, state="resolved", verdict="uphold", reason="Seen.", resolved_by=mia, resolved_at=NOW)


def test_author_cannot_be_the_claimer(item, bea):
    with pytest.raises(IntegrityError, match="nobody_judges_own_words"):
        change(item, state="claimed", claimed_by=bea, claimed_at=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        *({"verdict": "overturn"}, {"reason": "Other."}, {"state": "claimed"}),
        *({"resolved_at": NOW}, {"resolved_by": None}, {"reason": ERASED, "verdict": "overturn"}),
    ],
)
def test_resolved_item_never_changes(resolved, fields):
    with pytest.raises(IntegrityError, match="a resolved queue item never changes"):
        change(resolved, **fields)


def test_reason_of_a_resolved_item_can_be_erased(resolved):
    assert change(resolved, reason=ERASED) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"held": False},
        {"urgent": False},
        {"flagged_for": "flagged"},
        {"message_shown": "Nothing."},
        {"support": "Some."},
        {"language": "other"},
        {"kind": "review"},
        {"thread_kind": "product"},
        {"thread_id": 999},
        {"signals": []},
        {"created_at": LATER},
    ],
)
def test_what_was_found_never_changes(item, fields):
    with pytest.raises(IntegrityError, match="what was found never changes"):
        change(item, **fields)


def test_what_was_found_is_about_its_author(item, sam):
    with pytest.raises(IntegrityError, match="what was found never changes"):
        change(item, author=sam)


def test_item_is_kept(item):
    Message.objects.all().update(text="")
    with pytest.raises(IntegrityError, match="a queue item is kept"):
        execute("DELETE FROM moderation_queueitem WHERE id = %s", item.pk)


@pytest.mark.parametrize("to", [None, "another"])
def test_held_message_cannot_lose_its_item(held, order, bea, to):
    another = send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW)
    with pytest.raises(IntegrityError, match="a flagged text keeps its queue item"):
        Message.objects.filter(pk=held.pk).update(queue_item=another.queue_item if to else None)


def test_two_messages_cannot_share_an_item(held, order, bea):
    clean = send_message(author=bea, chat_id=order.chat_id, text="Hello", now=NOW)
    with pytest.raises(IntegrityError):
        Message.objects.filter(pk=clean.pk).update(queue_item=held.queue_item)


def test_held_review_cannot_lose_its_item(bea, sam):
    sale = complete(make_order(bea, make_product(sam, "Brass lamp")))
    review_product(buyer=bea, product_id=sale.product_id, rating=1, text="hate:0.9+classifier", now=NOW)
    with pytest.raises(IntegrityError, match="a flagged text keeps its queue item"):
        Review.objects.update(queue_item=None)


def test_text_of_a_held_message_may_be_blanked_for_erasure(held):
    assert Message.objects.filter(pk=held.pk).update(text="") == 1
