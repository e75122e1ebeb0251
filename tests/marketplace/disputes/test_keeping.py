"""From its retention date on, media is not shown and its dispute cannot be reopened, whenever the sweep runs."""

from datetime import timedelta

import pytest

from decisions import Denied
from marketplace.disputes.holds import place_hold
from marketplace.disputes.media.links import follow_link, sign_link
from marketplace.disputes.models import Media
from marketplace.disputes.retention import clock
from marketplace.disputes.retention.keeping import keeps_media
from marketplace.disputes.services import reopen_dispute
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90
SECOND = timedelta(seconds=1)


def answers(dispute, media, monkeypatch, at) -> tuple[bool, bool, bool]:
    """Whether it is shown, its link works and the dispute can be reopened at that time."""
    monkeypatch.setattr(clock, "database_now", lambda: at)
    dispute.refresh_from_db()
    try:
        follow_link(media.pk, sign_link(media))
        works = True
    except Media.DoesNotExist:
        works = False
    shown = keeps_media(dispute)
    try:
        reopen_dispute(actor=dispute.opened_by, dispute_id=dispute.pk, reason="Again.", now=at)
    except Denied as denied:
        assert denied.decision.rule == "media-gone"
        return shown, works, False
    return shown, works, True


@pytest.mark.parametrize(
    ("at", "kept"), [(NOW, True), (DUE - SECOND, True), (DUE, False), (DUE + SECOND, False)]
)
def test_three_questions_have_one_answer(dispute, media, ada, monkeypatch, at, kept):
    close(dispute, ada)
    assert answers(dispute, media, monkeypatch, at) == (kept, kept, kept)


def test_hold_keeps_what_the_sweep_has_not_come_to(dispute, media, ada, monkeypatch):
    close(dispute, ada)
    place_hold(actor=ada, dispute_id=dispute.pk, reason="Court.", now=DUE + SECOND)
    assert answers(dispute, media, monkeypatch, DUE + 2 * SECOND) == (True, True, True)


def test_open_dispute_shows_its_media_for_ever(dispute, media, monkeypatch):
    monkeypatch.setattr(clock, "database_now", lambda: NOW + 40 * DAYS_90)
    assert keeps_media(dispute)


@pytest.mark.parametrize(("days", "at"), [(1, DUE - SECOND), (100, DUE + SECOND)])
def test_changed_parameter_changes_no_answer_that_the_sweep_does_not_give(
    dispute, media, ada, monkeypatch, policies, days, at
):
    """A shorter period does not affect closed disputes, and a longer one vetoes the sweep."""
    close(dispute, ada)
    policies("retention", "value: 90d", f"value: {days}d")
    assert sweep_at(at).deleted == ()
    assert answers(dispute, media, monkeypatch, at) == (True, True, True)


def test_purge_that_has_begun_is_no_longer_shown_whatever_the_clock_says(dispute, media, ada, monkeypatch):
    close(dispute, ada)
    sweep_at(DUE)
    dispute.refresh_from_db()
    monkeypatch.setattr(clock, "database_now", lambda: NOW)
    assert not keeps_media(dispute)
