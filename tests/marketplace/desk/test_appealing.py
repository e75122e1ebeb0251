"""Appeals: once, in time, decided by another moderator; granted, the text is delivered, restored or removed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from decisions import Denied, bundles
from decisions.models import DecisionRecord
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from marketplace.accounts.erasure import erase_account
from marketplace.assistant.models import Message as AssistantMessage
from marketplace.assistant.services import delete_conversation, start_conversation
from marketplace.assistant.services import send_message as say
from marketplace.chats.models import Message
from marketplace.chats.queries import messages_of
from marketplace.chats.services import send_message
from marketplace.desk import appealing
from marketplace.desk.appealing import appeal_decision, appeal_report, rule_on_appeal
from marketplace.desk.proposing import cases_as_yaml, proposed_case
from marketplace.desk.reporting import report_text
from marketplace.disputes.models import Dispute, DisputeMessage
from marketplace.disputes.services import open_dispute
from marketplace.disputes.threads import send_message as write_to_dispute
from marketplace.errors import Refused
from marketplace.moderation.appeals import withdraw_appeals
from marketplace.moderation.facts import earlier_insults
from marketplace.moderation.keeping import forget_blocked_texts
from marketplace.moderation.models import Appeal, AppealVerdict, BlockedText, QueueItem, Strike, Verdict
from marketplace.moderation.queries import appeal_reasons, appeals, moderation_status, ruling_reasons
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.moderation.thread import Thread
from marketplace.orders.models import Order
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.marketplace.accounts.test_erasure import everything_stored
from tests.marketplace.factories import LATER, NOW, complete

UPHOLD, OVERTURN = AppealVerdict.UPHOLD, AppealVerdict.OVERTURN
TEXT = "quokka threat:0.99"
KEEP = timedelta(days=14)
# A denial is committed with its record, which the transaction of a test would roll back.
pytestmark = pytest.mark.django_db(transaction=True)


def blocked_by(act) -> BlockedText:
    with pytest.raises(Denied):
        act()
    return BlockedText.objects.latest("pk")


@pytest.fixture
def blocked(order, bea) -> BlockedText:
    return blocked_by(lambda: send_message(author=bea, chat_id=order.chat_id, text=TEXT, now=NOW))


@pytest.fixture
def held(order, bea) -> Message:
    return send_message(author=bea, chat_id=order.chat_id, text="threat:0.9+classifier", now=NOW)


@pytest.fixture
def removed(held, max_) -> QueueItem:
    return resolve(max_, held.queue_item, Verdict.UPHOLD)


@pytest.fixture
def left_up(order, bea, sam, max_):
    """A report of a text that Max left up."""
    message = send_message(author=bea, chat_id=order.chat_id, text="insult:0.6", now=NOW)
    report = report_text(reader=sam, kind="chat_message", text_id=message.pk, because="abuse", now=NOW)
    resolve(max_, report.item, Verdict.OVERTURN)
    return report


def resolve(moderator, item, verdict) -> QueueItem:
    claim_item(moderator=moderator, item_id=item.pk, now=LATER)
    return resolve_item(moderator=moderator, item_id=item.pk, verdict=verdict, reason="Seen.", now=LATER)


def appeal(author, decision_id, now=LATER) -> Appeal:
    return appeal_decision(appellant=author, decision_id=decision_id, because="misread", now=now)


def rule(moderator, opened, verdict, now=LATER) -> Appeal:
    return rule_on_appeal(moderator=moderator, appeal_id=opened.pk, verdict=verdict, reason="Read.", now=now)


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_granted_appeal_delivers_the_blocked_text_and_takes_the_strike_back(blocked, bea, sam, mia, order):
    opened = appeal(bea, blocked.decision_id)
    assert list(appeals("open")) == [opened]
    ruled = rule(mia, opened, OVERTURN)
    assert (ruled.state, ruled.delivered, ruled.ruled_by, ruled.ruled_at) == ("overturned", True, mia, LATER)
    [seen] = messages_of(order.chat, reader=sam)
    assert (seen.text, seen.author, seen.sent_at) == (TEXT, bea, LATER)
    assert Strike.objects.get().taken_back_at == LATER
    record = DecisionRecord.objects.get(pk=ruled.ruling_id)
    assert (record.rule, record.subject_kind, record.subject_id) == ("appeal-granted", "appeal", opened.pk)
    assert record.facts["verdict"] == "overturn"
    assert not appeals("open").exists()


def test_sealed_text_is_kept_while_the_appeal_is_open_and_as_a_sample_until_the_author_is_erased(
    blocked, bea, mia
):
    opened = appeal(bea, blocked.decision_id)
    assert forget_blocked_texts(now=NOW + 10 * KEEP) == 0
    rule(mia, opened, OVERTURN, now=NOW + 10 * KEEP)
    blocked.refresh_from_db()
    assert blocked.kept_for == "sample"
    assert forget_blocked_texts(now=NOW + 99 * KEEP) == 0
    erase_account(user_id=bea.pk, now=LATER)
    assert not BlockedText.objects.exists()
    assert "quokka" not in everything_stored()


def test_rejected_appeal_lets_the_text_go_on_time(blocked, bea, sam, mia, order):
    ruled = rule(mia, appeal(bea, blocked.decision_id), UPHOLD)
    assert (ruled.state, ruled.delivered) == ("upheld", None)
    assert list(messages_of(order.chat, reader=sam)) == []
    assert Strike.objects.get().taken_back_at is None
    assert forget_blocked_texts(now=NOW + KEEP) == 1
    assert proposed_case(ruled) is None


def test_signals_become_a_proposed_case_and_never_the_text(blocked, bea, mia, tmp_path):
    ruled = rule(mia, appeal(bea, blocked.decision_id), OVERTURN)
    text = cases_as_yaml(appeals("overturned"))
    assert "quokka" not in text
    (tmp_path / "proposed.yaml").write_text(text)
    [case], problems = read_cases(tmp_path / "proposed.yaml")
    assert (problems, case.policy) == ((), "moderation_profiles")
    assert case.facts["signals"] == blocked.decision.facts["signals"]
    assert proposed_case(ruled)["expect"] == {"outcome": "allow", "rule": "nothing-found"}
    today = run_case(bundles.in_force(), case)
    assert (today.decision.outcome, today.decision.rule) == ("block", "blocked[normal/threat]")


def test_held_text_is_delivered_by_an_appeal_which_resolves_its_item(held, bea, sam, mia, order):
    ruled = rule(mia, appeal(bea, held.queue_item.decision_id), OVERTURN)
    item = QueueItem.objects.get()
    assert (item.state, item.verdict, item.resolved_by, item.fate) == (
        "resolved",
        "overturn",
        mia,
        "delivered",
    )
    assert (ruled.delivered, item.ruling_id) == (None, ruled.ruling_id)
    assert list(messages_of(order.chat, reader=sam)) == [held]


def test_ruling_in_the_queue_that_delivers_a_held_text_grants_its_appeal(held, bea, max_):
    opened = appeal(bea, held.queue_item.decision_id)
    resolve(max_, held.queue_item, Verdict.OVERTURN)
    opened.refresh_from_db()
    assert (opened.state, opened.ruled_by, opened.reason) == ("overturned", max_, "Seen.")


def test_appeal_of_a_held_text_stays_open_if_the_queue_removes_it_and_another_moderator_decides(
    held, bea, sam, max_, mia, order
):
    opened = appeal(bea, held.queue_item.decision_id)
    resolve(max_, held.queue_item, Verdict.UPHOLD)
    assert denial(lambda: rule(max_, opened, OVERTURN)) == "same-moderator"
    rule(mia, opened, OVERTURN)
    assert list(messages_of(order.chat, reader=sam)) == [held]


def test_claimed_item_is_ruled_on_by_its_claimer_only(held, bea, max_, mia):
    opened = appeal(bea, held.queue_item.decision_id)
    claim_item(moderator=max_, item_id=held.queue_item_id, now=LATER)
    assert denial(lambda: rule(mia, opened, UPHOLD)) == "held-by-another"
    rule(max_, opened, UPHOLD)
    assert QueueItem.objects.get().fate == "removed"


def test_removed_text_is_restored_and_no_insult_any_more(order, bea, sam, max_, mia):
    for _ in range(2):
        message = send_message(author=bea, chat_id=order.chat_id, text="insult:0.6", now=NOW)
    item = resolve(max_, message.queue_item, Verdict.UPHOLD)
    status = moderation_status(item, own=True)
    assert (status.state, status.decision_id) == ("removed", item.ruling_id)
    rule(mia, appeal(bea, status.decision_id), OVERTURN)
    item.refresh_from_db()
    assert (item.verdict, item.final_verdict, item.fate) == ("uphold", "overturn", "delivered")
    assert moderation_status(item, own=True) == moderation_status(item, own=True).__class__("delivered")
    assert len(messages_of(order.chat, reader=sam)) == 2
    assert len(earlier_insults(author=bea, thread=Thread("chat", order.chat_id))) == 1


def test_reporter_appeals_and_another_moderator_removes_the_text(left_up, sam, bea, max_, mia, moe, order):
    opened = appeal_report(appellant=sam, report_id=left_up.pk, because="harmful", now=LATER)
    assert denial(lambda: rule(max_, opened, OVERTURN)) == "same-moderator"
    rule(mia, opened, OVERTURN)
    assert list(messages_of(order.chat, reader=sam)) == []
    case = proposed_case(Appeal.objects.get(pk=opened.pk))
    assert case["expect"] == {"outcome": "block", "rule": "blocked[normal/insult]"}
    assert [signal["category"] for signal in case["facts"]["signals"]] == ["insult"]
    item = QueueItem.objects.get()
    # The author was not heard yet, so they may appeal, and a third moderator decides.
    second = appeal(bea, item.ruling_id)
    for before in (max_, mia):
        assert denial(lambda before=before: rule(before, second, OVERTURN)) == "same-moderator"
    rule(moe, second, OVERTURN)
    assert len(messages_of(order.chat, reader=sam)) == 1


def test_reporter_waits_for_the_ruling(order, bea, sam):
    message = send_message(author=bea, chat_id=order.chat_id, text="Hi.", now=NOW)
    report = report_text(reader=sam, kind="chat_message", text_id=message.pk, because="other", now=NOW)

    def ask() -> None:
        appeal_report(appellant=sam, report_id=report.pk, because="harmful", now=LATER)

    assert denial(ask) == "nothing-to-appeal"


def test_once_and_in_time_and_only_by_those_concerned(blocked, removed, bea, sam, order):
    appeal(bea, blocked.decision_id, now=NOW + KEEP - timedelta(seconds=1))
    assert denial(lambda: appeal(bea, blocked.decision_id)) == "appealed-before"
    late = LATER + KEEP + timedelta(seconds=1)
    assert denial(lambda: appeal(bea, removed.decision_id, now=late)) == "appeal-too-late"
    for decision_id in (blocked.decision_id, removed.decision_id, removed.ruling_id):
        with pytest.raises(DecisionRecord.DoesNotExist):
            appeal(sam, decision_id)
    other = DecisionRecord.objects.filter(policy="confirmation").first()
    assert denial(lambda: appeal(bea, other.pk)) == "nothing-to-appeal"


def test_text_that_is_no_longer_kept_cannot_be_appealed(blocked, bea):
    assert denial(lambda: appeal(bea, blocked.decision_id, now=NOW + KEEP)) == "text-gone"
    forget_blocked_texts(now=NOW + KEEP)
    assert denial(lambda: appeal(bea, blocked.decision_id, now=NOW + KEEP)) == "text-gone"


def test_ruled_once_and_never_by_those_in_it(blocked, bea, sam, max_, mia):
    opened = appeal(bea, blocked.decision_id)
    assert denial(lambda: rule(sam, opened, OVERTURN)) == "moderators-only"
    bea.role = "moderator"
    bea.save(update_fields=["role"])
    assert denial(lambda: rule(bea, opened, OVERTURN)) == "own-matter"
    rule(mia, opened, UPHOLD)
    assert denial(lambda: rule(max_, opened, OVERTURN)) == "ruled-already"


def test_repeated_block_in_the_queue_is_ruled_on_by_another_moderator(order, bea, sam, max_, mia):
    for number in range(3):
        last = blocked_by(
            lambda number=number: send_message(
                author=bea, chat_id=order.chat_id, text=TEXT, now=NOW + timedelta(seconds=number)
            )
        )
    item = QueueItem.objects.get(blocked=True)
    assert item.decision_id == last.decision_id
    resolve(max_, item, Verdict.UPHOLD)
    opened = appeal(bea, last.decision_id)
    assert denial(lambda: rule(max_, opened, OVERTURN)) == "same-moderator"
    assert rule(mia, opened, OVERTURN).delivered is True
    [seen] = messages_of(order.chat, reader=sam)
    assert (seen.queue_item, seen.queue_item.fate) == (item, "delivered")
    assert Strike.objects.filter(taken_back_at=None).count() == 2


def test_every_kind_of_text_is_delivered_where_it_was_meant_to_go(order, bea, mia):
    conversation, _ = start_conversation(owner=bea, text="Hello there", product_id=None, now=NOW)
    complete(order)

    def granted(act) -> bool | None:
        return rule(mia, appeal(bea, blocked_by(act).decision_id), OVERTURN).delivered

    product = order.product_id
    assert granted(lambda: review_product(buyer=bea, product_id=product, rating=2, text=TEXT, now=NOW))
    assert (Review.objects.get().text, Review.objects.get().rating) == (TEXT, 2)
    assert granted(lambda: open_dispute(actor=bea, order_id=order.pk, text=TEXT, now=NOW))
    dispute = Dispute.objects.get()
    assert granted(
        lambda: write_to_dispute(author=bea, dispute_id=dispute.pk, text=TEXT + " again", now=LATER)
    )
    assert list(DisputeMessage.objects.order_by("seq").values_list("text", flat=True)) == [
        TEXT,
        f"{TEXT} again",
    ]
    assert granted(lambda: say(owner=bea, conversation_id=conversation.pk, text=TEXT, now=LATER))
    assert granted(lambda: start_conversation(owner=bea, text=TEXT, product_id=product, now=LATER))
    said = AssistantMessage.objects.filter(text=TEXT).select_related("conversation").order_by("pk")
    assert [message.conversation_id == conversation.pk for message in said] == [True, False]
    assert said[1].conversation.product_id == product


def test_what_can_no_longer_be_delivered_says_so(blocked, bea, mia, order):
    opened = appeal(bea, blocked.decision_id)
    complete(order)  # locks the chat
    ruled = rule(mia, opened, OVERTURN)
    assert (ruled.state, ruled.delivered) == ("overturned", False)
    assert not Message.objects.exists()
    assert Strike.objects.get().taken_back_at == LATER
    assert DecisionRecord.objects.filter(policy="chat", rule="chat-locked").exists()


def test_deleted_conversation_and_erased_account_withdraw_the_appeal(bea, mia, order):
    conversation, _ = start_conversation(owner=bea, text="Hello there", product_id=None, now=NOW)
    first = blocked_by(lambda: say(owner=bea, conversation_id=conversation.pk, text=TEXT, now=NOW))
    held, _ = say(owner=bea, conversation_id=conversation.pk, text="threat:0.9+classifier", now=NOW)
    opened = [appeal(bea, first.decision_id), appeal(bea, held.queue_item.decision_id)]
    delete_conversation(owner=bea, conversation_id=conversation.pk)
    for each in opened:
        each.refresh_from_db()
        assert (each.state, each.ruled_by) == ("withdrawn", None)
        assert denial(lambda each=each: rule(mia, each, OVERTURN)) == "ruled-already"
    other = blocked_by(lambda: send_message(author=bea, chat_id=order.chat_id, text=TEXT, now=NOW))
    last = appeal(bea, other.decision_id)
    erase_account(user_id=bea.pk, now=LATER)
    last.refresh_from_db()
    assert last.state == "withdrawn"
    assert withdraw_appeals(user_id=bea.pk) == 0


def test_erasure_blanks_the_reasons_of_everybody_around(blocked, bea, mia, sam, order):
    ruled = rule_on_appeal(
        moderator=mia,
        appeal_id=appeal(bea, blocked.decision_id).pk,
        verdict=UPHOLD,
        reason="Bea means Sam.",
        now=LATER,
    )
    erase_account(user_id=sam.pk, now=LATER)
    ruled.refresh_from_db()
    assert ruled.reason == "(erased)"
    assert "Bea means" not in everything_stored()


def test_database_refuses_the_same_moderator_a_part_of_it_and_a_second_ruling(removed, bea, max_, mia):
    opened = appeal(bea, removed.ruling_id)
    row = Appeal.objects.filter(pk=opened.pk)
    ruling = {"state": "overturned", "ruled_at": LATER, "reason": "Read."}
    for moderator, message in (
        (max_, "another moderator than before"),
        (bea, "nobody_rules_on_their_own_appeal"),
    ):
        with pytest.raises(IntegrityError, match=message), transaction.atomic():
            row.update(ruled_by=moderator, **ruling)
    with pytest.raises(IntegrityError, match="appeal_is_what_its_state_says"), transaction.atomic():
        row.update(state="overturned")
    with pytest.raises(IntegrityError, match="only an appeal changes a verdict"), transaction.atomic():
        QueueItem.objects.update(final_verdict="overturn")
    with pytest.raises(IntegrityError, match="is kept"), transaction.atomic():
        row._raw_delete("default")
    rule(mia, opened, UPHOLD)
    for change in ({"ruled_by": max_}, {"state": "overturned"}, {"reason": "Other."}, {"ruled_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
    for change in ({"because": "joke"}, {"author": max_}, {"item": None}, {"opened_at": NOW}):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            row.update(**change)


def test_database_has_one_appeal_for_each_side(removed, bea, sam):
    opened = appeal(bea, removed.ruling_id)
    copied = {
        field.attname: getattr(opened, field.attname)
        for field in Appeal._meta.concrete_fields
        if not field.primary_key
    }
    for change in ({}, {"appellant_id": sam.pk}, {"because": "none"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.create(**copied | change)


def test_loosened_policy_changes_no_guard(removed, bea, max_, mia, monkeypatch):
    opened = appeal(bea, removed.ruling_id)
    facts = appealing.appeal_facts
    permitting = {"ruled_by": (), "ruled": False, "done_before": False, "claimed_by": None}
    monkeypatch.setattr(
        appealing,
        "appeal_facts",
        lambda act, **given: facts(act, **{**given, **{k: v for k, v in permitting.items() if k in given}}),
    )

    def refused(act) -> str:
        with pytest.raises(Refused) as refusal:
            act()
        return refusal.value.code

    assert refused(lambda: rule(max_, opened, OVERTURN)) == "appeal-changed"
    assert refused(lambda: appeal(bea, removed.ruling_id)) == "appealed-before"
    rule(mia, opened, UPHOLD)
    assert refused(lambda: rule(mia, opened, OVERTURN)) == "appeal-changed"
    assert Order.objects.exists()


def test_shipped_policies_list_the_same_reasons_for_items_and_for_appeals(db):
    listed = ruling_reasons(now=NOW)
    assert listed == appeal_reasons(decided_at=NOW, now=NOW)
    assert {reason.verdict for reason in listed} == set(Verdict)
