"""Blocked texts of one author add up: first a pause, then a person reads every text; a wrong block does not count."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.erasure import erase_account
from marketplace.chats.models import Message
from marketplace.chats.queries import messages_of
from marketplace.chats.services import send_message
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.models import BlockedText, QueueItem, Strike, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.moderation.strikes import category_of_rule, queue_once
from tests.marketplace.factories import LATER, NOW, make_order, make_product

THREAT = "quokka threat:0.99"
PAUSE = timedelta(minutes=15)
# A denial is committed with its record, which the transaction of a test would roll back.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(order, bea):
    """What becomes of a text by Bea."""

    def write(text: str, now=NOW, chat_id=order.chat_id) -> str:
        try:
            message = send_message(author=bea, chat_id=chat_id, text=text, now=now)
        except Denied as denied:
            return denied.decision.rule
        return message.queue_item.flagged_for if message.queue_item else "sent"

    return write


@pytest.fixture
def five(send) -> list[str]:
    """Five blocked threats, with a pause after each."""
    return [send(THREAT, NOW + number * PAUSE) for number in range(5)]


def after(pauses: int):
    return NOW + pauses * PAUSE


def test_forty_times_the_same_threat_pauses_and_is_one_item(send):
    answers = [send(THREAT, NOW + timedelta(seconds=number)) for number in range(40)]
    assert answers == ["blocked[normal/threat]"] * 3 + ["pause"] * 37
    assert (Strike.objects.count(), BlockedText.objects.count()) == (3, 3)
    item = QueueItem.objects.get()
    assert (item.blocked, item.held, item.urgent, item.flagged_for) == (True, True, True, "blocked")
    flagged = flagged_texts([item])[item.pk]
    assert (flagged.text, BlockedText.objects.get(pk=flagged.subject_id).decision) == ("", item.decision)
    refused = DecisionRecord.objects.filter(policy="strikes", rule="pause", outcome="refuse")
    assert refused.count() == 38  # the third block asks whether a person should look


def test_after_five_every_text_is_held_for_a_person(send, five, order, sam):
    assert set(five) == {"blocked[normal/threat]"}
    assert send("Is it oak?", after(5)) == "held-after-strikes"
    message = Message.objects.get()
    item = message.queue_item
    assert (item.held, item.blocked, item.urgent, item.state) == (True, False, False, "open")
    assert item.decision.policy == "strikes"
    assert item.message_shown.startswith("Several of your texts were blocked. This one will be delivered")
    assert list(messages_of(order.chat, reader=sam)) == []
    assert QueueItem.objects.filter(blocked=True).count() == 1


def test_held_text_that_is_flagged_keeps_support_and_urgency(send, five):
    assert send("self_harm:0.9", after(5)) == "held-after-strikes"
    assert send("threat:0.9+classifier", after(6)) == "suspected"
    mine, suspected = QueueItem.objects.filter(blocked=False).order_by("pk")
    assert (mine.held, mine.urgent, mine.support != "") == (True, True, True)
    assert (suspected.held, suspected.decision.policy) == (True, "moderation_profiles")


def test_strikes_are_of_the_author_wherever_they_write(send, bea, sam):
    other = make_order(bea, make_product(sam, "Brass lamp"))
    for chat in (None, other.chat_id, None):
        send(THREAT, NOW, **({"chat_id": chat} if chat else {}))
    assert send("Is it oak?", LATER, other.chat_id) == "pause"


def test_others_are_not_paused(send, sam, order):
    for _ in range(3):
        send(THREAT)
    assert send_message(author=sam, chat_id=order.chat_id, text="It is.", now=LATER).queue_item is None
    assert not DecisionRecord.objects.filter(policy="strikes", actor_id=sam.pk).exists()


def test_swearing_is_no_strike_that_counts(send):
    for _ in range(4):
        assert send("profanity:0.95") == "blocked[normal/profanity]"
    assert send("Is it oak?", LATER) == "sent"
    assert {strike.category for strike in Strike.objects.all()} == {"profanity"}


def test_text_that_nothing_could_judge_is_no_strike(send, settings):
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"
    for _ in range(4):
        assert send("spam:0.2") == "moderation-unavailable"
    assert not Strike.objects.exists()


def test_overturned_block_is_taken_back(send, five, max_):
    item = QueueItem.objects.get()
    claim_item(moderator=max_, item_id=item.pk, now=LATER)
    resolve_item(moderator=max_, item_id=item.pk, verdict=Verdict.OVERTURN, reason="A quotation.", now=LATER)
    assert Strike.objects.get(taken_back_at=LATER).record_id == item.decision_id
    assert send("Is it oak?", after(5)) == "sent"


def test_upheld_block_stays_and_the_next_one_is_a_new_item(send, five, max_):
    item = QueueItem.objects.get()
    claim_item(moderator=max_, item_id=item.pk, now=LATER)
    resolve_item(moderator=max_, item_id=item.pk, verdict=Verdict.UPHOLD, reason="A threat.", now=LATER)
    assert not Strike.objects.exclude(taken_back_at=None).exists()
    assert send(THREAT, after(6)) == "blocked[normal/threat]"
    assert QueueItem.objects.filter(blocked=True).count() == 2


def test_database_has_one_open_item_of_blocked_texts_per_author(send, five, bea):
    waiting = QueueItem.objects.get()
    record = DecisionRecord.objects.filter(policy="strikes").first()
    copied = {
        field.attname: getattr(waiting, field.attname)
        for field in QueueItem._meta.concrete_fields
        if not field.primary_key
    }
    second = QueueItem(**{**copied, "decision_id": record.pk})
    queue_once(second)
    assert QueueItem.objects.get() == waiting
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


def test_erasure_takes_the_strikes(send, five, bea):
    erase_account(user_id=bea.pk, now=LATER)
    assert not Strike.objects.exists()
    item = QueueItem.objects.get()
    assert flagged_texts([item])[item.pk].subject_id is None


@pytest.mark.parametrize(
    ("rule", "category"),
    [
        ("blocked[normal/threat]", "threat"),
        ("blocked[dispute/self_harm]", "self_harm"),
        ("insults-are-abuse[normal]", None),
        ("hard-limit", None),
    ],
)
def test_category_stands_in_the_name_of_the_row(rule, category):
    assert category_of_rule(rule) == category
