"""Opening, writing to, closing and reopening disputes, and who may."""

from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.disputes.models import Dispute, DisputeEvent, DisputeMessage
from marketplace.disputes.queries import access_dispute, disputes_of, messages_of
from marketplace.disputes.services import open_dispute, reopen_dispute
from marketplace.disputes.threads import send_message
from marketplace.orders.models import Order
from tests.marketplace.disputes.factories import DAYS_90, close, make_dispute
from tests.marketplace.factories import LATER, NOW, complete

pytestmark = pytest.mark.django_db


def denied_by(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_opening_makes_the_first_message_and_its_event(sale, bea):
    dispute = make_dispute(sale)
    assert (dispute.status, dispute.opened_by, dispute.order) == ("open", bea, sale)
    [message] = messages_of(dispute, reader=dispute.opened_by)
    assert (message.seq, message.author, message.text) == (1, bea, "It arrived broken.")
    assert [(e.act, e.actor, e.at) for e in DisputeEvent.objects.all()] == [("open", bea, NOW)]


def test_sale_that_is_not_complete_has_no_dispute(order):
    assert denied_by(lambda: make_dispute(order)) == "sale-not-complete"
    assert (Dispute.objects.count(), DisputeMessage.objects.count()) == (0, 0)
    assert DecisionRecord.objects.latest("pk").rule == "sale-not-complete"


def test_second_open_dispute_is_refused_and_one_after_closure_is_not(dispute, sale, ada):
    assert denied_by(lambda: make_dispute(sale)) == "already-open"
    close(dispute, ada)
    assert make_dispute(sale).pk != dispute.pk


def test_stranger_sees_neither_the_sale_nor_the_dispute(dispute, sale, ben):
    with pytest.raises(Order.DoesNotExist):
        open_dispute(actor=ben, order_id=sale.pk, text="Mine", now=NOW)
    with pytest.raises(Dispute.DoesNotExist):
        send_message(author=ben, dispute_id=dispute.pk, text="Mine", now=NOW)
    with pytest.raises(Dispute.DoesNotExist):
        access_dispute(ben, dispute.pk)


def test_parties_see_their_disputes_and_agents_all(dispute, bea, sam, ben, ada):
    assert [list(disputes_of(person)) for person in (bea, sam, ada, ben)] == [[dispute]] * 3 + [[]]


def test_thread_takes_parties_and_agents_in_order(dispute, bea, sam, ada):
    for author in (sam, ada, bea):
        send_message(author=author, dispute_id=dispute.pk, text=author.username, now=LATER)
    rows = [(m.seq, m.text) for m in messages_of(dispute, reader=dispute.opened_by)]
    assert rows == [(1, "It arrived broken."), (2, "sam"), (3, "ada"), (4, "bea")]


def test_closing_stamps_ninety_days_and_the_policy_that_said_so(dispute, ada):
    closed = close(dispute, ada, now=LATER)
    assert (closed.status, closed.closed_at, closed.retain_until) == ("closed", LATER, LATER + DAYS_90)
    record = DecisionRecord.objects.filter(policy="retention").get()
    assert (closed.retain_policy, closed.retain_digest) == ("retention@1", record.digest)


@pytest.mark.parametrize("who", ["bea", "sam"])
def test_party_does_not_close(dispute, request, who):
    assert denied_by(lambda: close(dispute, request.getfixturevalue(who))) == "agents-only"


def test_closed_dispute_takes_no_message(dispute, bea, ada):
    close(dispute, ada)
    late = {"author": bea, "dispute_id": dispute.pk, "text": "One more thing", "now": LATER}
    assert denied_by(lambda: send_message(**late)) == "dispute-closed"


@pytest.mark.parametrize("who", ["bea", "sam", "ada"])
def test_reopening_clears_the_stamp(dispute, ada, request, who):
    close(dispute, ada)
    actor = request.getfixturevalue(who)
    reopened = reopen_dispute(actor=actor, dispute_id=dispute.pk, reason="It broke again.", now=LATER)
    assert (reopened.status, reopened.closed_at, reopened.retain_until) == ("reopened", None, None)
    assert (reopened.retain_policy, reopened.retain_digest) == ("", "")
    event = DisputeEvent.objects.latest("pk")
    assert (event.act, event.actor, event.reason, event.at) == ("reopen", actor, "It broke again.", LATER)


def test_second_closure_starts_a_full_ninety_days(dispute, bea, ada):
    close(dispute, ada)
    reopen_dispute(actor=bea, dispute_id=dispute.pk, reason="Again.", now=NOW + timedelta(days=89))
    closed = close(dispute, ada, now=NOW + timedelta(days=100))
    assert closed.retain_until == NOW + timedelta(days=190)


def test_reopening_ends_with_the_second_in_which_media_may_go(dispute, bea, ada):
    close(dispute, ada)
    too_late = {"actor": bea, "dispute_id": dispute.pk, "reason": "Again."}
    assert denied_by(lambda: reopen_dispute(**too_late, now=NOW + DAYS_90)) == "media-gone"
    reopened = reopen_dispute(**too_late, now=NOW + DAYS_90 - timedelta(microseconds=1))
    assert reopened.status == "reopened"


def test_reopening_beside_another_open_dispute_is_refused(dispute, sale, bea, ada):
    close(dispute, ada)
    make_dispute(sale)
    again = {"actor": bea, "dispute_id": dispute.pk, "reason": "Again.", "now": LATER}
    assert denied_by(lambda: reopen_dispute(**again)) == "already-open"


def test_seller_who_is_an_agent_does_not_close_a_dispute_about_the_own_sale(order, sam):
    sam.role = "agent"
    sam.save()
    dispute = make_dispute(complete(order))
    assert denied_by(lambda: close(dispute, sam)) == "agents-only"


def test_records_hold_no_text(dispute, bea, ada):
    send_message(author=bea, dispute_id=dispute.pk, text="a very private word", now=LATER)
    close(dispute, ada)
    records = str(list(DecisionRecord.objects.filter(policy="disputes").values()))
    assert "private" not in records and "Settled" not in records
