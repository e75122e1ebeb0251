"""The sweep as a thing that is due: once a day, and not at all while the clock is in doubt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.disputes.models import Media, SweepRun
from marketplace.disputes.retention.daily import sweep_daily
from tests.marketplace.disputes.factories import DAYS_90, close

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_due_is_deleted_once_a_day(dispute, media, ada):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90 - timedelta(days=1))
    assert [sweep_daily(now=now), sweep_daily(now=now + timedelta(minutes=1))] == [1, 0]
    assert Media.objects.get().state == "purged"
    assert SweepRun.objects.count() == 1
    assert sweep_daily(now=now + timedelta(hours=24)) == 0
    assert SweepRun.objects.count() == 2


def test_nothing_is_deleted_after_a_long_silence_until_somebody_has_looked(dispute, media, ada):
    now = timezone.now()
    long_ago = now - timedelta(days=3)
    SweepRun.objects.create(run="0" * 32, at=long_ago, started_at=long_ago, rehearsal=False)
    close(dispute, ada, now=now - DAYS_90 - timedelta(days=1))
    assert sweep_daily(now=now) == 0
    assert Media.objects.get().state == "live"
    assert SweepRun.objects.count() == 1
