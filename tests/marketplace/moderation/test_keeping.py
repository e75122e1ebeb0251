"""Blocked texts are kept sealed for a while: until their time is up, their conversation is deleted, or the author is erased."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from decisions import Denied
from decisions.models import DecisionRecord, PseudonymKey
from decisions.sealing import Erased, Unopened
from marketplace.accounts.erasure import erase_account
from marketplace.assistant.services import delete_conversation, start_conversation
from marketplace.assistant.services import send_message as say
from marketplace.chats.services import send_message
from marketplace.disputes.services import open_dispute
from marketplace.disputes.threads import send_message as write_to_dispute
from marketplace.moderation.keeping import forget_blocked_texts, read_kept
from marketplace.moderation.models import BlockedText, KeptFor
from marketplace.outbox.due import duties
from marketplace.reviews.services import review_product
from tests.database_files import read_database_files
from tests.editable_policies import copy_policies
from tests.marketplace.accounts.test_erasure import everything_stored
from tests.marketplace.factories import LATER, NOW, complete

CANARY = "quokka-at-the-fence threat:0.99"
KEEP = timedelta(days=14)
# A denial is committed with its record, which the transaction of a test would roll back.
pytestmark = pytest.mark.django_db(transaction=True)


def blocked_by(act) -> BlockedText:
    with pytest.raises(Denied) as denied:
        act()
    assert denied.value.decision.policy == "moderation_profiles"
    return BlockedText.objects.latest("pk")


@pytest.fixture
def blocked(order, bea) -> BlockedText:
    return blocked_by(lambda: send_message(author=bea, chat_id=order.chat_id, text=CANARY, now=NOW))


def test_blocked_text_is_sealed_with_its_place_and_time(blocked, bea, order):
    assert read_kept(blocked).text == CANARY
    assert (blocked.author, blocked.kind, blocked.thread_kind) == (bea, "chat_message", "chat")
    assert (blocked.thread_id, blocked.blocked_at) == (order.chat_id, NOW)
    assert (blocked.kept_until, blocked.kept_for) == (NOW + KEEP, "time")
    assert blocked.decision.outcome == "block"
    kept = DecisionRecord.objects.get(policy="moderation_queue", rule="keep-blocked")
    assert (kept.subject_kind, kept.subject_id, kept.actor_id) == ("decision", blocked.decision_id, bea.pk)


def test_every_kind_of_text_is_kept_with_what_its_delivery_needs(order, bea):
    review = {"buyer": bea, "product_id": order.product_id, "rating": 4}
    conversation, _ = start_conversation(owner=bea, text="Hello there", product_id=None, now=NOW)
    complete(order)
    dispute = open_dispute(actor=bea, order_id=order.pk, text="It is broken.", now=LATER)
    acts = {
        "review": lambda: review_product(**review, text=CANARY, now=LATER),
        "dispute_message": lambda: write_to_dispute(
            author=bea, dispute_id=dispute.pk, text=CANARY, now=LATER
        ),
        "assistant_message": lambda: say(owner=bea, conversation_id=conversation.pk, text=CANARY, now=LATER),
    }
    kept = {kind: read_kept(blocked_by(act)).place for kind, act in acts.items()}
    assert kept == {
        "review": {"rating": 4},
        "dispute_message": {"dispute_id": dispute.pk},
        "assistant_message": {"conversation_id": conversation.pk},
    }


def test_policy_says_for_how_long(order, bea, tmp_path, settings):
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "longer")
    path = settings.COMITY_POLICIES_DIR / "moderation_queue.yaml"
    path.write_text(path.read_text().replace("value: 14d", "value: 20d"))
    longer = blocked_by(lambda: send_message(author=bea, chat_id=order.chat_id, text=CANARY, now=NOW))
    assert longer.kept_until == NOW + timedelta(days=20)


def test_nothing_stores_the_text_itself(blocked):
    assert "quokka" not in everything_stored()
    assert b"quokka" not in bytes(blocked.sealed)


def test_text_is_gone_when_its_time_is_up(blocked):
    assert dict(duties())["forget_blocked_texts"] is forget_blocked_texts
    assert forget_blocked_texts(now=NOW + KEEP - timedelta(seconds=1)) == 0
    assert BlockedText.objects.kept(NOW + KEEP - timedelta(seconds=1)).exists()
    assert not BlockedText.objects.kept(NOW + KEEP).exists()
    assert forget_blocked_texts(now=NOW + KEEP) == 1
    assert not BlockedText.objects.exists()


@pytest.mark.parametrize("kept_for", [KeptFor.APPEAL, KeptFor.SAMPLE])
def test_appeal_and_sample_keep_it_longer_but_not_beyond_an_erasure(blocked, bea, kept_for):
    BlockedText.objects.update(kept_for=kept_for)
    assert forget_blocked_texts(now=NOW + 10 * KEEP) == 0
    assert BlockedText.objects.kept(NOW + 10 * KEEP).exists()
    erase_account(user_id=bea.pk, now=LATER)
    assert not BlockedText.objects.exists()


@pytest.mark.sqlite  # PostgreSQL's files are those of the server
@pytest.mark.parametrize("gone", ["time", "erasure"])
def test_nothing_sealed_is_left_in_the_file_of_the_database(blocked, bea, gone):
    """SQLite frees the place of a deleted row without overwriting it, unless it is told to."""
    sealed = bytes(blocked.sealed)

    def on_disk() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sealed in read_database_files()

    assert on_disk()
    if gone == "time":
        forget_blocked_texts(now=NOW + KEEP)
    else:
        erase_account(user_id=bea.pk, now=LATER)
    assert not on_disk()


def test_without_its_authors_key_it_cannot_be_read(blocked, bea):
    PseudonymKey.objects.filter(actor_id=bea.pk).update(key="0" * 64)
    with pytest.raises(Unopened):
        read_kept(blocked)
    PseudonymKey.objects.all().delete()
    with pytest.raises(Erased):
        read_kept(blocked)


def test_sealed_text_is_bound_to_its_decision_and_never_changes(blocked, order, bea):
    other = blocked_by(lambda: send_message(author=bea, chat_id=order.chat_id, text="threat:0.98", now=LATER))
    with pytest.raises(Unopened):
        read_kept(BlockedText(author=bea, decision=other.decision, sealed=blocked.sealed))
    for change in ({"sealed": other.sealed}, {"kept_until": NOW + 9 * KEEP}, {"author": order.seller}):
        with pytest.raises(DatabaseError, match="stays as it was sealed"):
            BlockedText.objects.filter(pk=blocked.pk).update(**change)


def test_deleting_a_conversation_takes_what_was_blocked_in_it(bea):
    conversation, _ = start_conversation(owner=bea, text="Hello there", product_id=None, now=NOW)
    other, _ = start_conversation(owner=bea, text="Hello again", product_id=None, now=NOW)
    for each in (conversation, other):
        blocked_by(lambda each=each: say(owner=bea, conversation_id=each.pk, text=CANARY, now=NOW))
    delete_conversation(owner=bea, conversation_id=conversation.pk)
    assert [read_kept(left).place for left in BlockedText.objects.all()] == [{"conversation_id": other.pk}]
