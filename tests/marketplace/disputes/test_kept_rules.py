"""The media of a sale is kept by the retention rules under which the sale began."""

from datetime import timedelta

import pytest

from decisions.models import DecisionRecord
from marketplace.disputes.models import Dispute
from marketplace.disputes.retention.restamping import find_restamps
from marketplace.disputes.retention.stamping import ask_stamp
from tests.editable_policies import add_version, copy_policies
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def shortened(tmp_path, settings):
    """From three minutes after NOW on, version 2 keeps media for 30 days."""
    folder = copy_policies(tmp_path / "policies")
    add_version(folder / "retention.yaml", "2026-11-01T12:03:00Z", "value: 90d", "value: 30d")
    settings.COMITY_POLICIES_DIR = folder


def test_dispute_about_an_older_sale_keeps_the_older_time(dispute, media, ada, shortened):
    closed = close(dispute, ada, now=LATER)
    assert (closed.retain_until, closed.retain_policy) == (LATER + DAYS_90, "retention@1")
    record = DecisionRecord.objects.filter(policy="retention").latest("pk")
    assert (record.version, record.in_force_at) == (1, dispute.order.created_at)
    assert list(find_restamps(now=LATER)) == []


def test_dispute_about_a_newer_sale_has_the_new_time(dispute, ada, shortened):
    """A completed order cannot be changed in the database, so that only the object has another moment."""
    newer = Dispute.objects.select_related("order").get(pk=dispute.pk)
    newer.order.created_at = NOW + timedelta(minutes=4)
    stamp = ask_stamp(newer, closed_at=LATER, actor=ada, now=LATER, record=False)
    assert (stamp.until, stamp.policy) == (LATER + timedelta(days=30), "retention@2")


def test_stamp_names_the_revision(dispute, ada, tmp_path, settings):
    folder = copy_policies(tmp_path / "policies")
    text = (folder / "retention.yaml").read_text()
    (folder / "retention.yaml").write_text(text.replace("\nversion: 1\n", "\nversion: 1\nrevision: 3\n"))
    settings.COMITY_POLICIES_DIR = folder
    assert close(dispute, ada, now=LATER).retain_policy == "retention@1 revision 3"
    assert str(DecisionRecord.objects.filter(policy="retention").latest("pk")).startswith(
        "retention@1 revision 3 keep for dispute"
    )
