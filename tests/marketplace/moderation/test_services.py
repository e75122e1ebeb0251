"""Decisions about texts before they are written: facts, accumulating insults, and queueing."""

import json
from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from decisions.services import Subject, decide
from detectors.signal import Findings, Signal
from marketplace.chats.models import Chat, Message
from marketplace.chats.queries import messages_of
from marketplace.chats.services import send_message
from marketplace.moderation.facts import moderation_facts
from marketplace.moderation.models import Insult, QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.editable_policies import copy_policies
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product
from tests.marketplace.moderation.words import ITALIAN

INSULT = "insult:0.6"
HELD = "hate:0.9+classifier"


@pytest.fixture
def send(order, bea):
    """Bea writes to her chat with Sam."""

    def write(text: str, *, author=bea, chat_id=order.chat_id, now=NOW) -> Message:
        return send_message(author=author, chat_id=chat_id, text=text, now=now)

    return write


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_policy_from_before_a_language_had_rules_reads_it_as_another(settings, tmp_path):
    german = Findings("german")
    assert moderation_facts(mode="normal", findings=german, insults=())["language"] == "german"
    folder = copy_policies(tmp_path / "policies")
    path = folder / "moderation_profiles.yaml"
    path.write_text(path.read_text().replace("[english, german, spanish, french, other,", "[english, other,"))
    settings.COMITY_POLICIES_DIR = folder
    facts = moderation_facts(mode="normal", findings=german, insults=())
    decision = decide(
        "moderation_profiles", facts, now=NOW, subject=Subject("chat", 1, None), record=False, superset=True
    )
    assert (decision.rule, decision.outcome) == ("not-english", "flag")


def test_clean_message_joins_no_queue(send):
    assert send("Is it oak?").queue_item is None
    assert QueueItem.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "flagged_for", "urgent", "held"),
    [
        ("threat:1.0+reported", "reported", True, False),
        ("abuse:0.9+quoted", "quoted", True, True),
        ("threat:0.5", "uncertain", True, True),
        (HELD, "suspected", True, True),
        ("spam:0.6", "flagged", False, False),
        ("self_harm:0.3", "self-harm", True, False),
        (ITALIAN, "not-english", False, False),
    ],
)
def test_flagged_message_joins_the_queue_as_the_policy_says(send, bea, text, flagged_for, urgent, held):
    item = send(text).queue_item
    actual = (item.flagged_for, item.urgent, item.held, item.state, item.author, item.created_at)
    assert actual == (flagged_for, urgent, held, "open", bea, NOW)
    assert (item.thread_kind, item.thread_id) == ("chat", Chat.objects.get().pk)


def test_item_points_at_the_record_of_its_decision(send):
    item = send("spam:0.6").queue_item
    assert (item.decision.policy, item.decision.rule) == ("moderation_profiles", "flagged[normal/spam]")
    assert (item.decision.subject_kind, item.decision.subject_id) == ("chat", item.thread_id)


def test_neither_record_nor_item_holds_a_word_of_the_text(send):
    send("a very private word, spam:0.6")
    rows = [*DecisionRecord.objects.values(), *QueueItem.objects.values()]
    assert "private" not in str(rows)
    assert "spam:0.6" not in str(rows)


def test_record_tells_what_was_found(send):
    send("spam:0.6 threat:1.0+reported")
    facts = DecisionRecord.objects.get(policy="moderation_profiles").facts
    assert facts == {
        "mode": "normal",
        "language": "english",
        "signals": [
            {"category": "threat", "score": 1.0, "detector": "lexicon", "reported": True, "quoted": False},
            {"category": "spam", "score": 0.6, "detector": "lexicon", "reported": False, "quoted": False},
        ],
        "unavailable": [],
        "earlier_insults": [],
    }


def test_only_the_strongest_of_equal_signals_is_a_fact():
    weak, strong, quoted = (
        Signal("insult", score, 0, 4, "lexicon", "1", "insult.word", quoted=tag)
        for score, tag in [(0.4, False), (0.7, False), (0.2, True)]
    )
    facts = moderation_facts(
        mode="dispute", findings=Findings("english", (weak, quoted, strong) * 500), insults=()
    )
    assert [(s["score"], s["quoted"]) for s in facts["signals"]] == [(0.7, False), (0.2, True)]


def test_item_keeps_the_strongest_signals_of_a_hostile_text_in_the_order_of_the_text(send):
    item = send("spam:0.6 " * 150 + "spam:0.8").queue_item
    assert len(item.signals) == 100
    assert [signal["start"] for signal in item.signals] == sorted(s["start"] for s in item.signals)
    assert item.signals[-1]["score"] == 0.8


@pytest.mark.django_db(transaction=True)
def test_insults_at_one_person_add_up_until_they_are_abuse(send):
    items = [send(INSULT, now=NOW + timedelta(minutes=minute)).queue_item for minute in range(3)]
    # An insult is flagged by its own row; the second and third also by the rule about repeated insults.
    matched = [json.loads(json.dumps(item.decision.facts["earlier_insults"])) for item in items]
    assert [len(earlier) for earlier in matched] == [0, 1, 2]
    assert denial(lambda: send(INSULT, now=LATER)) == "insults-are-abuse[normal]"
    assert denial(lambda: send(INSULT, now=LATER)) == "insults-are-abuse[normal]"
    assert (Insult.objects.count(), Message.objects.count()) == (3, 3)


def test_old_insults_are_forgotten(send):
    for minute in range(3):
        send(INSULT, now=NOW + timedelta(minutes=minute))
    assert send(INSULT, now=NOW + timedelta(hours=25)).seq == 4


def test_insults_of_others_and_elsewhere_do_not_count(send, sam, bea):
    elsewhere = make_order(bea, make_product(sam, "Brass lamp")).chat_id
    for minute in range(3):
        send(INSULT, now=NOW + timedelta(minutes=minute))
    assert send(INSULT, author=sam, now=LATER).seq == 4
    assert send(INSULT, chat_id=elsewhere, now=LATER).seq == 1


def test_insult_that_a_moderator_cleared_does_not_count(send, max_):
    for minute in range(3):
        send(INSULT, now=NOW + timedelta(minutes=minute))
    rule(max_, QueueItem.objects.first(), Verdict.OVERTURN)
    assert send(INSULT, now=LATER).seq == 4


@pytest.mark.parametrize(
    "text", ["insult:0.6+reported", "insult:0.6+quoted", "insult:0.6+classifier", "insult:0.4"]
)
def test_only_what_the_policy_calls_insulting_counts(send, text):
    send(text)
    assert Insult.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_blocked_review_leaves_its_records_and_nothing_else(order, bea, product):
    complete(order)
    blocked = {"buyer": bea, "product_id": product.pk, "rating": 1, "text": "threat:0.9", "now": LATER}
    assert denial(lambda: review_product(**blocked)) == "blocked[normal/threat]"
    assert (Review.objects.count(), QueueItem.objects.count()) == (0, 0)
    latest = DecisionRecord.objects.order_by("-pk")[:3]
    assert [(record.policy, record.outcome) for record in latest] == [
        ("moderation_queue", "allow"),
        ("moderation_profiles", "block"),
        ("review_eligibility", "allow"),
    ]
    assert review_product(**{**blocked, "text": "Wobbly."}).queue_item is None


@pytest.mark.django_db(transaction=True)
def test_hard_category_that_nobody_judged_is_blocked_and_another_flagged(send, settings):
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"
    assert denial(lambda: send("Is it oak?")) == "moderation-unavailable"
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_spam"
    assert send("Is it oak?").queue_item.flagged_for == "partly-unavailable"


def rule(moderator, item, verdict):
    claim_item(moderator=moderator, item_id=item.pk, now=LATER)
    return resolve_item(moderator=moderator, item_id=item.pk, verdict=verdict, reason="Seen.", now=LATER)


@pytest.mark.parametrize(
    ("text", "before", "verdict", "after"),
    [
        (HELD, ("held", False), Verdict.OVERTURN, ("delivered", True)),
        (HELD, ("held", False), Verdict.UPHOLD, ("removed", False)),
        ("spam:0.6", ("delivered", True), Verdict.OVERTURN, ("delivered", True)),
        ("spam:0.6", ("delivered", True), Verdict.UPHOLD, ("removed", False)),
    ],
)
def test_verdict_decides_whether_the_other_side_reads_it(
    send, order, bea, sam, max_, text, before, verdict, after
):
    item = send(text).queue_item

    def seen() -> tuple[str, bool]:
        [own] = messages_of(order.chat, reader=bea)
        return own.queue_item.fate, messages_of(order.chat, reader=sam).exists()

    assert seen() == before
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    assert seen() == before
    resolve_item(moderator=max_, item_id=item.pk, verdict=verdict, reason="Seen.", now=LATER)
    assert seen() == after


def test_held_message_keeps_its_place_in_the_chat(send, order, sam, max_):
    first, second = send(HELD), send("Hello?")
    assert [m.seq for m in messages_of(order.chat, reader=sam)] == [second.seq]
    rule(max_, first.queue_item, Verdict.OVERTURN)
    assert [m.seq for m in messages_of(order.chat, reader=sam)] == [1, 2]


def test_held_message_appears_in_a_chat_that_was_locked_meanwhile(send, order, sam, max_):
    item = send(HELD).queue_item
    complete(order)
    rule(max_, item, Verdict.OVERTURN)
    assert messages_of(order.chat, reader=sam).count() == 1
