"""Forgetting a person who has disputes: it waits for them, then blanks what the person wrote there."""

import pytest

from marketplace.accounts.erasure import ErasureHeld, erase_account, erase_waiting
from marketplace.disputes.holds import place_hold, release_hold
from marketplace.disputes.models import DisputeEvent, DisputeMessage, Media
from marketplace.disputes.services import close_dispute
from marketplace.disputes.threads import send_message
from tests.marketplace.disputes.factories import close
from tests.marketplace.factories import NOW

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


def test_words_and_labels_of_the_person_go_and_those_of_others_stay(dispute, media, bea, sam, ada):
    send_message(author=sam, dispute_id=dispute.pk, text="It was whole when I sent it.", now=NOW)
    close_dispute(actor=ada, dispute_id=dispute.pk, reason="Settled.", now=NOW)
    erase_account(user_id=bea.pk, now=NOW)
    assert dict(DisputeMessage.objects.values_list("author__pk", "text")) == {
        bea.pk: "",
        sam.pk: "It was whole when I sent it.",
    }
    assert set(DisputeEvent.objects.values_list("reason", flat=True)) == {"", "Settled."}
    assert Media.objects.get().label == ""
