"""Policies that permit everything: what the database enforces itself, and the services' clean refusals."""

import pytest

from marketplace.disputes.holds import place_hold
from marketplace.disputes.models import Dispute, DisputeMessage, Hold, Media
from marketplace.disputes.services import reopen_dispute
from marketplace.disputes.threads import send_message
from marketplace.errors import Refused
from tests.evidence import files_in
from tests.marketplace.disputes.factories import DAYS_90, add_media, close, make_dispute
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90


@pytest.fixture
def permit_all(policies) -> None:
    """Inserts a permitting rule before all others in `disputes`."""
    rule = '  - {id: loosened, when: actor_id != "", then: allow, message: Fine.}\n'
    policies("disputes", "\nrules:\n", f"\nrules:\n{rule}")


@pytest.fixture
def purging(dispute, media, ada) -> Dispute:
    close(dispute, ada)
    sweep_at(DUE)
    return Dispute.objects.get()


def refused(act) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_dispute_about_a_pending_sale(order, permit_all):
    assert refused(lambda: make_dispute(order)) == "sale-not-complete"


@pytest.mark.django_db(transaction=True)
def test_second_open_dispute(sale, dispute, permit_all):
    assert refused(lambda: make_dispute(sale)) == "already-open"
    assert (Dispute.objects.count(), DisputeMessage.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_reopening_beside_an_open_dispute(sale, dispute, bea, ada, permit_all):
    close(dispute, ada)
    make_dispute(sale)
    again = {"actor": bea, "dispute_id": dispute.pk, "reason": "Again.", "now": LATER}
    assert refused(lambda: reopen_dispute(**again)) == "already-open"


def test_message_and_file_into_a_closed_dispute(evidence, dispute, bea, ada, permit_all):
    close(dispute, ada)
    late = {"author": bea, "dispute_id": dispute.pk, "text": "Late.", "now": LATER}
    assert refused(lambda: send_message(**late)) == "dispute-closed"
    assert refused(lambda: add_media(dispute, bea)) == "dispute-changed"
    assert (DisputeMessage.objects.count(), Media.objects.count(), files_in(evidence)) == (1, 0, [])


def test_closing_twice_keeps_the_first_stamp(dispute, ada, permit_all):
    close(dispute, ada)
    assert refused(lambda: close(dispute, ada, now=LATER)) == "dispute-changed"
    assert Dispute.objects.get().closed_at == NOW


def test_reopening_what_is_open(dispute, bea, permit_all):
    again = {"actor": bea, "dispute_id": dispute.pk, "reason": "Again.", "now": LATER}
    assert refused(lambda: reopen_dispute(**again)) == "dispute-changed"


def test_reopening_and_holding_after_the_purge_has_begun(purging, bea, ada, permit_all):
    late = {"dispute_id": purging.pk, "reason": "Again.", "now": DUE}
    assert refused(lambda: reopen_dispute(actor=bea, **late)) == "dispute-changed"
    assert refused(lambda: place_hold(actor=ada, **late)) == "dispute-changed"
    assert (Dispute.objects.get().status, Hold.objects.count()) == ("closed", 0)


def test_deleting_everything_deletes_neither_early_nor_what_is_held(dispute, media, ada, policies):
    rule = "  - {id: loosened, when: closed_at != null, then: delete, message: Away.}\n"
    close(dispute, ada)
    policies("retention", "\nrules:\n", f"\nrules:\n{rule}")
    assert sweep_at(LATER).deleted == ()
    place_hold(actor=ada, dispute_id=dispute.pk, reason="Court.", now=LATER)
    assert sweep_at(DUE).deleted == ()
    assert Media.objects.get().state == "live"


def test_policy_that_names_no_date_closes_nothing(dispute, ada, policies):
    policies(
        "retention", "value: 'closed ? closed_at + keep_for : null'", "value: 'closed ? null : closed_at'"
    )
    assert refused(lambda: close(dispute, ada)) == "no-retention-date"
    assert Dispute.objects.get().status == "open"
