"""Legal holds: who can place and release them, and what they keep."""

from datetime import timedelta

import pytest

from decisions import Denied
from marketplace.disputes.holds import place_hold, release_hold
from marketplace.disputes.models import Dispute, Hold, Media
from marketplace.errors import Refused
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90
GRACE = timedelta(days=7)


def hold(dispute, agent, reason="Court order.", now=LATER) -> Hold:
    return place_hold(actor=agent, dispute_id=dispute.pk, reason=reason, now=now)


def denied_by(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_hold_says_who_why_and_when(dispute, ada):
    placed = hold(dispute, ada)
    assert (placed.placed_by, placed.reason, placed.placed_at) == (ada, "Court order.", LATER)
    assert Dispute.objects.get().standing_holds == 1


@pytest.mark.parametrize("who", ["bea", "sam"])
def test_party_neither_places_nor_lifts(dispute, ada, request, who):
    party = request.getfixturevalue(who)
    assert denied_by(lambda: hold(dispute, party)) == "agents-only"
    placed = hold(dispute, ada)
    assert denied_by(lambda: release_hold(actor=party, hold_id=placed.pk, now=LATER)) == "agents-only"


def test_stranger_finds_no_hold(dispute, ada, ben):
    placed = hold(dispute, ada)
    with pytest.raises(Hold.DoesNotExist):
        release_hold(actor=ben, hold_id=placed.pk, now=LATER)


def test_hold_keeps_media_past_its_time(dispute, media, ada):
    close(dispute, ada)
    hold(dispute, ada)
    swept = sweep_at(DUE + timedelta(days=1000))
    assert [(item.media_id, item.rule) for item in swept.plan.kept] == [(media.pk, "legal-hold")]
    assert Media.objects.get().state == "live"


def test_hold_that_no_service_counted_is_kept_by_the_database(dispute, media, ada):
    close(dispute, ada)
    Hold.objects.create(dispute=dispute, placed_by=ada, reason="By hand.", placed_at=LATER)
    swept = sweep_at(DUE)
    assert ([item.media_id for item in swept.spared], swept.deleted) == ([media.pk], ())
    assert (Media.objects.get().state, Dispute.objects.get().purge_started_at) == ("live", None)


def test_each_of_many_holds_keeps(dispute, media, ada):
    close(dispute, ada)
    first, second = hold(dispute, ada, "Court."), hold(dispute, ada, "Police.")
    release_hold(actor=ada, hold_id=first.pk, now=LATER)
    assert sweep_at(DUE + GRACE).deleted == ()
    release_hold(actor=ada, hold_id=second.pk, now=DUE)
    assert Dispute.objects.get().standing_holds == 0
    assert [item.media_id for item in sweep_at(DUE + GRACE).deleted] == [media.pk]


def test_lifted_hold_keeps_for_the_grace_of_the_policy_to_the_microsecond(dispute, media, ada):
    close(dispute, ada)
    placed = hold(dispute, ada)
    release_hold(actor=ada, hold_id=placed.pk, now=DUE)
    early = sweep_at(DUE + GRACE - timedelta(microseconds=1))
    assert ([item.rule for item in early.plan.kept], early.deleted) == (["hold-just-lifted"], ())
    assert len(sweep_at(DUE + GRACE).deleted) == 1


def test_hold_is_lifted_once(dispute, ada):
    placed = hold(dispute, ada)
    lifted = release_hold(actor=ada, hold_id=placed.pk, now=LATER)
    assert (lifted.released_by, lifted.released_at) == (ada, LATER)
    with pytest.raises(Refused) as refused:
        release_hold(actor=ada, hold_id=placed.pk, now=LATER)
    assert refused.value.code == "hold-released"


def test_hold_comes_too_late_once_the_purge_has_begun(dispute, media, ada):
    close(dispute, ada)
    sweep_at(DUE)
    assert denied_by(lambda: hold(dispute, ada)) == "purge-begun"
