"""A reader reports a text: once, on record, without its author being told before a moderator rules."""

import pytest
from django.db import IntegrityError, transaction

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.chats.models import Chat, Message
from marketplace.chats.queries import messages_of
from marketplace.chats.services import send_message
from marketplace.desk import reporting
from marketplace.desk.reading import read_text
from marketplace.desk.reporting import report_text
from marketplace.disputes.models import DisputeMessage
from marketplace.disputes.services import open_dispute
from marketplace.errors import Refused
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.models import REPORTED, Because, QueueItem, Report, Verdict
from marketplace.moderation.queries import moderation_status
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.marketplace.factories import LATER, NOW, complete

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def message(order, bea) -> Message:
    return send_message(author=bea, chat_id=order.chat_id, text="Pay me outside, spam:0.3", now=NOW)


def report(reader, message, kind="chat_message") -> Report:
    return report_text(reader=reader, kind=kind, text_id=message.pk, because=Because.FRAUD, now=LATER)


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_reported_text_joins_the_queue_with_its_signals_and_a_record(message, sam, order):
    reported = report(sam, message)
    item = reported.item
    message.refresh_from_db()
    assert message.queue_item == item
    assert (item.flagged_for, item.held, item.state, item.kind) == (REPORTED, False, "open", "chat_message")
    assert [signal["category"] for signal in item.signals] == ["spam"]
    assert (item.thread_kind, item.thread_id) == ("chat", order.chat_id)
    assert (item.decision.policy, item.decision.rule, item.decision.actor_id) == (
        "appeals",
        "report-allowed",
        sam.pk,
    )
    assert (item.decision.subject_kind, item.decision.subject_id) == ("chat_message", message.pk)
    assert flagged_texts([item])[item.pk].text == message.text


def test_author_does_not_learn_of_a_report_before_a_ruling(message, sam, bea, max_):
    before = moderation_status(None, own=True)
    item = report(sam, message).item
    assert moderation_status(item, own=True) == before
    claim_item(moderator=max_, item_id=item.pk, now=LATER)
    ruled = resolve_item(
        moderator=max_, item_id=item.pk, verdict=Verdict.UPHOLD, reason="A fraud.", now=LATER
    )
    status = moderation_status(ruled, own=True)
    assert (status.state, status.reason, status.decision_id) == ("removed", REPORTED, ruled.ruling_id)
    assert DecisionRecord.objects.get(pk=ruled.ruling_id).rule == "resolve-allowed"
    assert list(messages_of(Chat.objects.get(), reader=sam)) == []


def test_author_who_reports_a_threat_in_words_is_told_as_before(order, bea):
    """The reason `reported` of the profiles is another thing than a report."""
    message = send_message(author=bea, chat_id=order.chat_id, text="threat:1.0+reported", now=NOW)
    status = moderation_status(message.queue_item, own=True)
    assert (status.reason, status.message is not None) == ("reported", True)


def test_once_each_and_not_ones_own(message, sam, bea):
    report(sam, message)
    assert denial(lambda: report(sam, message)) == "reported-before"
    assert denial(lambda: report(bea, message)) == "own-text"
    assert (Report.objects.count(), QueueItem.objects.count()) == (1, 1)
    refused = DecisionRecord.objects.filter(policy="appeals", outcome="deny")
    assert refused.count() == 2


def test_nobody_reports_what_they_cannot_see(message, ben, max_, order, bea, sam):
    for outsider in (ben, max_):
        with pytest.raises(Chat.DoesNotExist):
            report(outsider, message)
    held = send_message(author=bea, chat_id=order.chat_id, text="threat:0.9+classifier", now=NOW)
    with pytest.raises(Message.DoesNotExist):
        report(sam, held)
    assert not Report.objects.exists()


def test_reviews_and_messages_of_disputes_are_reported_too(order, bea, sam, ben):
    complete(order)
    review = review_product(buyer=bea, product_id=order.product_id, rating=1, text="Bad. insult:0.7", now=NOW)
    open_dispute(actor=bea, order_id=order.pk, text="It broke.", now=NOW)
    for reader in (sam, ben):
        reported = report(reader, review, "review")
        assert reported.item == Review.objects.get().queue_item
    assert Report.objects.count() == 2
    first = report(sam, DisputeMessage.objects.get(), "dispute_message").item
    assert (first.kind, first.thread_kind, first.thread_id) == ("dispute_message", "order", order.pk)


def test_message_of_a_locked_chat_is_reported_too(message, sam, order):
    complete(order)
    assert report(sam, message).item == Message.objects.get().queue_item


def test_text_that_is_in_the_queue_already_stays_the_same_item(order, bea, sam):
    flagged = send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW)
    assert report(sam, flagged).item == flagged.queue_item
    assert QueueItem.objects.get().flagged_for == "flagged"


def test_urgent_as_the_profiles_say(order, bea, sam):
    calm = send_message(author=bea, chat_id=order.chat_id, text="spam:0.3", now=NOW)
    found = send_message(author=bea, chat_id=order.chat_id, text="Fine.", now=NOW)
    Message.objects.filter(pk=found.pk).update(text="threat:0.8")
    assert [report(sam, each).item.urgent for each in (calm, found)] == [False, True]


def test_moderator_reads_what_was_reported(message, sam, max_):
    report(sam, message)
    found = read_text(
        moderator=max_, kind="chat_message", text_id=message.pk, reading_for="unstated", now=LATER
    )
    assert (found.cause, found.text) == ("reported", message.text)


def test_database_refuses_a_second_report_and_one_of_own_words(message, sam, bea):
    first = report(sam, message)
    again = {
        field.attname: getattr(first, field.attname)
        for field in Report._meta.concrete_fields
        if not field.primary_key
    }
    for change in ({}, {"reporter_id": bea.pk}, {"reporter_id": max(sam.pk, bea.pk) + 1, "because": "none"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.create(**again | change)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Report.objects.update(because="other")


def test_report_that_a_policy_lets_through_twice_is_refused_by_the_database(message, sam, monkeypatch):
    report(sam, message)
    facts = reporting.appeal_facts
    first_time = {"done_before": False}
    monkeypatch.setattr(reporting, "appeal_facts", lambda act, **given: facts(act, **given | first_time))
    with pytest.raises(Refused) as refused:
        report(sam, message)
    assert refused.value.code == "reported-before"
