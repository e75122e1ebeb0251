"""A moderator reads somebody else's text: decided, recorded, and for a reason unless the text was brought up."""

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.assistant.models import Message as AssistantMessage
from marketplace.assistant.services import start_conversation
from marketplace.chats.services import send_message
from marketplace.desk.reading import read_text
from marketplace.disputes.models import DisputeMessage
from marketplace.disputes.services import open_dispute
from marketplace.moderation.models import BlockedText
from marketplace.reviews.services import review_product
from tests.marketplace.factories import LATER, NOW, complete

pytestmark = pytest.mark.django_db(transaction=True)


def read(moderator, kind, text_id, reading_for="unstated", now=LATER):
    return read_text(moderator=moderator, kind=kind, text_id=text_id, reading_for=reading_for, now=now)


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_plain_text_needs_a_reason_and_every_try_is_on_record(order, bea, max_):
    message = send_message(author=bea, chat_id=order.chat_id, text="Is it oak?", now=NOW)
    assert denial(lambda: read(max_, "chat_message", message.pk)) == "reason-needed"
    assert denial(lambda: read(max_, "chat_message", message.pk, "quality")) == "reason-needed"
    found = read(max_, "chat_message", message.pk, "danger")
    assert (found.text, found.author_id, found.cause) == ("Is it oak?", bea.pk, "nothing")
    records = DecisionRecord.objects.filter(policy="moderation_queue").order_by("pk")
    kept = [(record.rule, record.facts["reading_for"], record.subject_id) for record in records]
    assert kept == [
        ("reason-needed", "unstated", message.pk),
        ("reason-needed", "quality", message.pk),
        ("read-with-reason", "danger", message.pk),
    ]


def test_flagged_and_blocked_texts_need_none(order, bea, max_):
    flagged = send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW)
    assert read(max_, "chat_message", flagged.pk).cause == "flagged"
    with pytest.raises(Denied):
        send_message(author=bea, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    blocked = BlockedText.objects.get()
    assert read(max_, "blocked_text", blocked.pk).text == "threat:0.99"
    with pytest.raises(BlockedText.DoesNotExist):
        read(max_, "blocked_text", blocked.pk, now=blocked.kept_until)


def test_texts_of_every_kind_are_read(order, bea, max_):
    complete(order)
    review = review_product(buyer=bea, product_id=order.product_id, rating=4, text="Solid.", now=NOW)
    open_dispute(actor=bea, order_id=order.pk, text="It broke.", now=NOW)
    start_conversation(owner=bea, text="Where is my desk?", product_id=None, now=NOW)
    said, answered = AssistantMessage.objects.order_by("pk")
    texts = {
        "review": (review.pk, "Solid."),
        "dispute_message": (DisputeMessage.objects.get().pk, "It broke."),
        "assistant_message": (said.pk, "Where is my desk?"),
    }
    for kind, (number, text) in texts.items():
        found = read(max_, kind, number, "law_requires")
        assert (found.kind, found.text, found.author_id) == (kind, text, bea.pk)
    with pytest.raises(AssistantMessage.DoesNotExist):
        read(max_, "assistant_message", answered.pk, "law_requires")


def test_nobody_else_reads_and_no_moderator_their_own(order, bea, sam):
    message = send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW)
    assert denial(lambda: read(sam, "chat_message", message.pk, "danger")) == "moderators-only"
    bea.role = Role.MODERATOR
    assert denial(lambda: read(bea, "chat_message", message.pk, "danger")) == "own-words"
