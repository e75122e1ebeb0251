"""Sets grow from rulings, granted appeals and a blind sample, and know no words of anybody."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from decisions import Denied
from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision, rule_on_appeal
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import AppealVerdict, BlockedText, QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.tuning import growing
from marketplace.tuning.growing import drawn_texts, grow_set
from marketplace.tuning.models import LabelledSet, SampleText
from marketplace.tuning.sets import find_set, lot_of, samples_of
from tests.marketplace.factories import LATER, NOW
from tests.marketplace.moderation.words import Words

BEFORE = NOW - timedelta(days=30)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shares(monkeypatch) -> dict[str, float]:
    """No blind sample, unless a test says so."""
    given: dict[str, float] = {}
    monkeypatch.setattr(growing, "_share", lambda name, _: given.get(name, 0.0))
    return given


@pytest.fixture
def ruled(order, bea, max_):
    """What Max says about a text of Bea."""

    def rule(text: str, verdict: Verdict, because: str = "") -> QueueItem:
        item = send_message(author=bea, chat_id=order.chat_id, text=text, now=NOW).queue_item
        claim_item(moderator=max_, item_id=item.pk, now=NOW)
        said = {"verdict": verdict, "reason": "Read.", "because": because}
        return resolve_item(moderator=max_, item_id=item.pk, now=NOW, **said)

    return rule


@pytest.fixture
def blocked(order, bea) -> BlockedText:
    with pytest.raises(Denied):
        send_message(author=bea, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    return BlockedText.objects.get()


def grow(name: str = "texts", now=LATER):
    return grow_set(name, pipeline=Words(), since=BEFORE, now=now)


def labels(name: str = "texts") -> list[tuple[str, list[str]]]:
    found = {sample.number: sorted(sample.labels) for sample in samples_of(find_set(name))}
    texts = SampleText.objects.filter(pk__in=found).order_by("pk")
    return [(text.source, found[text.pk]) for text in texts]


def test_rulings_give_labels(shares, ruled, max_):
    ruled("spam:0.6 one", Verdict.UPHOLD, "abuse")
    ruled("spam:0.6 two", Verdict.UPHOLD)
    ruled("spam:0.6 three", Verdict.OVERTURN, "harmless")
    ruled("spam:0.6 four", Verdict.UPHOLD, "private")
    grown = grow()
    assert (grown.version, grown.added, grown.unclear) == (1, {"ruling": 3}, 1)
    assert labels() == [("ruling", ["abuse"]), ("ruling", ["spam"]), ("ruling", [])]
    assert set(SampleText.objects.values_list("labels__by", flat=True)) == {max_.pk}
    again = grow()
    assert (again.added, LabelledSet.objects.count()) == ({}, 1)


def test_granted_appeals_give_labels_and_correct_rulings(shares, ruled, blocked, bea, mia):
    item = ruled("spam:0.6", Verdict.UPHOLD)
    grow()
    assert labels() == [("ruling", ["spam"])]
    for decision in (item.ruling_id, blocked.decision_id):
        appeal = appeal_decision(appellant=bea, decision_id=decision, because="misread", now=NOW)
        rule_on_appeal(
            moderator=mia, appeal_id=appeal.pk, verdict=AppealVerdict.OVERTURN, reason="Read.", now=NOW
        )
    grown = grow()
    assert (grown.version, grown.added, grown.corrected) == (2, {"appeal": 2}, 1)
    assert labels() == [("appeal", []), ("appeal", [])]
    assert [sorted(sample.labels) for sample in samples_of(find_set("texts", 1))] == [["spam"]]


def test_blind_sample_has_blocked_texts_and_those_that_nobody_flagged(shares, order, bea, blocked):
    shares |= {"sampled_blocked": 1.0, "sampled_passed": 1.0}
    send_message(author=bea, chat_id=order.chat_id, text="Is it oak?", now=NOW)
    send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW)
    assert grow().added == {"blind": 2}
    texts = SampleText.objects.order_by("pk").values_list("kind", "wanted", "author", "text")
    assert list(texts) == [("blocked_text", 1, bea.pk, None), ("chat_message", 1, bea.pk, None)]
    assert labels() == []


def test_blocked_text_is_drawn_while_it_is_kept(shares, blocked):
    shares |= {"sampled_blocked": 1.0}
    late = blocked.kept_until
    assert list(drawn_texts("texts", since=BEFORE, now=late)) == []
    assert list(drawn_texts("texts", since=blocked.blocked_at + timedelta(seconds=1), now=LATER)) == []
    assert [each.place for each in drawn_texts("texts", since=BEFORE, now=LATER)] == [
        ("blocked_text", blocked.pk)
    ]
    grow()
    blocked.refresh_from_db()
    assert (blocked.kept_until, blocked.kept_for) == (late, "time")


def test_drawing_again_draws_no_more_and_a_greater_share_adds(shares, order, bea):
    places = {"chat_id": order.chat_id, "author": bea, "text": "Is it oak?", "sent_at": NOW}
    Message.objects.bulk_create(Message(seq=seq, **places) for seq in range(1, 41))
    numbers = Message.objects.values_list("pk", flat=True)
    lots = sorted(lot_of("texts", ("chat_message", number)) for number in numbers)
    shares["sampled_passed"] = (lots[9] + lots[10]) / 2
    shares["twice_passed"] = (lots[1] + lots[2]) / 2
    grow()
    first = dict(SampleText.objects.values_list("text_id", "wanted"))
    assert sorted(first.values()) == [1] * 8 + [2] * 2
    assert grow().added == {}
    shares["sampled_passed"] = (lots[19] + lots[20]) / 2
    assert grow().added == {"blind": 10}
    assert first.keys() < set(SampleText.objects.values_list("text_id", flat=True))


def test_lots_are_spread_evenly_and_differ_between_sets():
    lots = [lot_of("texts", ("review", number)) for number in range(4_000)]
    tenths = [sum(low <= 10 * each < low + 1 for each in lots) for low in range(10)]
    assert sum(tenths) == 4_000 and all(300 < count < 500 for count in tenths)
    assert lots[:100] != [lot_of("other", ("review", number)) for number in range(100)]


def test_ruling_does_not_label_the_blind_sample(shares, order, bea, sam, max_):
    shares |= {"sampled_passed": 1.0}
    message = send_message(author=bea, chat_id=order.chat_id, text="Is it oak?", now=NOW)
    grow()
    report_text(reader=sam, kind="chat_message", text_id=message.pk, because="threat", now=NOW)
    item = QueueItem.objects.get()
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    resolve_item(
        moderator=max_, item_id=item.pk, verdict=Verdict.UPHOLD, because="threat", reason="Read.", now=NOW
    )
    assert grow().added == {}
    assert labels() == []


def test_shares_are_those_of_the_policy_in_force():
    assert [growing._share(name, LATER) for name in ("sampled_blocked", "sampled_passed", "none")] == [
        0.05,
        0.01,
        0.0,
    ]


def test_no_table_of_a_set_has_words_of_anybody(shares, ruled, order, bea, blocked):
    shares |= {"sampled_blocked": 1.0, "sampled_passed": 1.0}
    send_message(author=bea, chat_id=order.chat_id, text="quokka", now=NOW)
    ruled("spam:0.6 quokka", Verdict.UPHOLD)
    call_command("moderation", "grow-set", "texts", "--days", "3650")
    with connection.cursor() as cursor:
        for table in ("labelledset", "sampletext", "finding", "label"):
            cursor.execute(f"SELECT * FROM tuning_{table}")
            rows = cursor.fetchall()
            assert rows and "quokka" not in str(rows), table
