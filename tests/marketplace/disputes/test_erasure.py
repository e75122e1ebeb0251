"""Erasing a person with disputes waits for the disputes, then blanks what the person wrote there."""

import pytest

from marketplace.accounts.erasure import ErasureHeld, erase_account, erase_waiting
from marketplace.accounts.models import Role
from marketplace.chats.services import send_message as send_to_chat
from marketplace.disputes.holds import place_hold, release_hold
from marketplace.disputes.models import DisputeEvent, DisputeMessage, Hold, Media
from marketplace.disputes.services import close_dispute, reopen_dispute
from marketplace.disputes.threads import send_message
from marketplace.moderation.models import QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.reviews.services import review_product
from tests.marketplace.disputes.factories import close, make_dispute
from tests.marketplace.factories import NOW, complete, make_order, make_product, make_user

FLAGGED = "threat:1.0+reported"
pytestmark = pytest.mark.django_db(transaction=True)


def test_erasure_waits_for_open_disputes_and_holds(dispute, media, bea, ada):
    hold = place_hold(actor=ada, dispute_id=dispute.pk, reason="A court asks.", now=NOW)
    with pytest.raises(ErasureHeld) as held:
        erase_account(user_id=bea.pk, now=NOW)
    assert held.value.reasons == [
        f"dispute {dispute.pk} is not closed",
        f"dispute {dispute.pk} is under a legal hold",
    ]
    close(dispute, ada)
    assert erase_waiting(now=NOW) == 0
    release_hold(actor=ada, hold_id=hold.pk, now=NOW)
    assert erase_waiting(now=NOW) == 1


def test_words_and_labels_of_the_person_go_and_those_of_the_other_side_stay(dispute, media, bea, sam, ada):
    send_message(author=sam, dispute_id=dispute.pk, text="It was whole when I sent it.", now=NOW)
    send_message(author=ada, dispute_id=dispute.pk, text="Please send a photo.", now=NOW)
    close_dispute(actor=ada, dispute_id=dispute.pk, reason="Bea says that it is fine.", now=NOW)
    reopen_dispute(actor=sam, dispute_id=dispute.pk, reason="It is not.", now=NOW)
    close_dispute(actor=ada, dispute_id=dispute.pk, reason="Now it is.", now=NOW)

    erase_account(user_id=bea.pk, now=NOW)

    assert dict(DisputeMessage.objects.values_list("author__pk", "text")) == {
        bea.pk: "",
        sam.pk: "It was whole when I sent it.",
        ada.pk: "Please send a photo.",
    }
    assert list(DisputeEvent.objects.order_by("pk").values_list("act", "reason")) == [
        ("open", ""),
        ("close", ""),
        ("reopen", "It is not."),
        ("close", ""),
    ]
    assert Media.objects.get().label == ""


@pytest.mark.parametrize("who", ["bea", "sam", "ada"])
def test_reasons_that_may_quote_a_person_go_with_either_side_and_with_their_author(
    who, dispute, bea, sam, ada
):
    hold = place_hold(actor=ada, dispute_id=dispute.pk, reason="Bea is sued by Sam.", now=NOW)
    release_hold(actor=ada, hold_id=hold.pk, now=NOW)
    close_dispute(actor=ada, dispute_id=dispute.pk, reason="Bea told Sam so.", now=NOW)
    other = make_dispute(
        complete(
            make_order(make_user("ben", Role.BUYER), make_product(make_user("sue", Role.SELLER), "Lamp"))
        )
    )
    close_dispute(actor=ada, dispute_id=other.pk, reason="Settled.", now=NOW)

    erase_account(user_id={"bea": bea, "sam": sam, "ada": ada}[who].pk, now=NOW)

    assert Hold.objects.get().reason == ""
    assert set(dispute.events.values_list("reason", flat=True)) == {""}
    assert other.events.get(act="close").reason == ("" if who == "ada" else "Settled.")


def test_current_hold_keeps_its_reason(dispute, ada):
    place_hold(actor=ada, dispute_id=dispute.pk, reason="A court asks.", now=NOW)

    erase_account(user_id=ada.pk, now=NOW)

    assert Hold.objects.get().reason == "A court asks."


@pytest.mark.parametrize("who", ["bea", "sam", "max"])
def test_ruling_about_a_text_stays_without_its_reason(who, dispute, bea, sam):
    items = [
        send_to_chat(
            author=sam, chat_id=make_order(bea, make_product(sam, "Lamp")).chat_id, text=FLAGGED, now=NOW
        ),
        send_message(author=bea, dispute_id=dispute.pk, text=FLAGGED, now=NOW),
        review_product(buyer=bea, product_id=dispute.order.product_id, rating=1, text=FLAGGED, now=NOW),
    ]
    moderator = make_user("max", Role.MODERATOR)
    for text in items:
        claim_item(moderator=moderator, item_id=text.queue_item_id, now=NOW)
        ruling = {"verdict": Verdict.UPHOLD, "reason": "Sam and Bea shout.", "now": NOW}
        resolve_item(moderator=moderator, item_id=text.queue_item_id, **ruling)
    close(dispute, make_user("eva", Role.AGENT))
    before = list(QueueItem.objects.order_by("pk").values())

    erase_account(user_id={"bea": bea, "sam": sam, "max": moderator}[who].pk, now=NOW)

    assert len(before) == 3
    assert list(QueueItem.objects.order_by("pk").values()) == [
        {**row, "reason": "(erased)"} for row in before
    ]
