"""A changed parameter has no effect until it is previewed and applied; shortening needs a second confirmation."""

from datetime import timedelta

import pytest

from decisions.models import DecisionRecord
from marketplace.disputes.models import Dispute
from marketplace.disputes.retention.restamping import Restamp, apply_restamp, find_restamps
from marketplace.disputes.services import reopen_dispute
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(dispute, media, ada) -> Dispute:
    return close(dispute, ada)


def shown() -> list[Restamp]:
    return list(find_restamps(now=LATER))


def test_nothing_to_show_while_the_policy_says_the_same(closed):
    assert shown() == []


def test_longer_time_is_shown_then_applied(closed, policies):
    policies("retention", "value: 90d", "value: 120d")
    records = DecisionRecord.objects.count()
    [restamp] = shown()
    assert restamp == Restamp(closed.pk, NOW + DAYS_90, NOW + timedelta(days=120))
    assert (restamp.shortens, DecisionRecord.objects.count()) == (False, records)
    assert apply_restamp(restamp, now=LATER)
    after = Dispute.objects.get()
    record = DecisionRecord.objects.latest("pk")
    assert (after.retain_until, after.retain_digest) == (restamp.after, record.digest)
    assert shown() == []


def test_shorter_time_says_so(closed, policies):
    policies("retention", "value: 90d", "value: 30d")
    [restamp] = shown()
    assert restamp.shortens


def test_dispute_that_changed_meanwhile_is_left(closed, policies, bea):
    policies("retention", "value: 90d", "value: 120d")
    [restamp] = shown()
    reopen_dispute(actor=bea, dispute_id=closed.pk, reason="Again.", now=LATER)
    assert not apply_restamp(restamp, now=LATER)


def test_policy_that_changed_meanwhile_is_not_applied_unseen(closed, policies):
    policies("retention", "value: 90d", "value: 120d")
    [restamp] = shown()
    policies("retention", "value: 120d", "value: 30d")
    assert not apply_restamp(restamp, now=LATER)
    assert Dispute.objects.get().retain_until == NOW + DAYS_90


def test_purge_that_has_begun_is_not_stamped(closed, policies):
    sweep_at(NOW + DAYS_90)
    policies("retention", "value: 90d", "value: 120d")
    assert shown() == []
