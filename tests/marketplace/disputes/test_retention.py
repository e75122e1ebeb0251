"""When media is deleted: never a second early, whatever clocks and calendars do; and the sweep follows the plan."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.disputes.models import Dispute, Media, PurgeEvidence
from marketplace.disputes.retention.planning import make_plan
from marketplace.disputes.retention.sweeping import GIVE_UP_AFTER
from marketplace.disputes.services import reopen_dispute
from marketplace.disputes.storage.store import EvidenceStore, ObjectMissing, StorageUnavailable, open_store
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close, make_dispute, make_image
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import NOW, complete, make_order, make_product

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90
SECOND = timedelta(seconds=1)


@pytest.fixture
def closed(dispute, media, ada) -> Dispute:
    return close(dispute, ada)


def test_media_goes_with_the_second_and_not_before(closed, media):
    assert sweep_at(DUE - SECOND).deleted == ()
    assert Media.objects.get().state == "live"
    [item] = sweep_at(DUE).deleted
    assert (item.media_id, item.size, item.rule) == (media.pk, len(PDF), "time-is-up")


@pytest.mark.parametrize(
    "closed_at",
    [
        datetime(
            2026, 1, 15, 18, 30, tzinfo=ZoneInfo("America/New_York")
        ),  # daylight saving begins in between
        datetime(2026, 8, 20, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")),  # and ends
        datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2027, 12, 31, 12, 0, tzinfo=UTC),  # a leap day in between
        datetime(2028, 2, 29, 12, 0, tzinfo=ZoneInfo("Pacific/Auckland")),  # on the leap day
    ],
    ids=str,
)
def test_ninety_days_are_ninety_times_24_hours(dispute, media, ada, closed_at):
    due = closed_at.astimezone(UTC) + timedelta(hours=90 * 24)
    assert close(dispute, ada, now=closed_at).retain_until == due
    with timezone.override("America/New_York"):
        assert sweep_at(due - SECOND).deleted == ()
        assert len(sweep_at(due).deleted) == 1


def test_open_and_reopened_disputes_keep_media_for_ever(dispute, media, bea, ada):
    years = NOW + timedelta(days=3650)
    assert sweep_at(years).deleted == ()
    close(dispute, ada)
    reopen_dispute(actor=bea, dispute_id=dispute.pk, reason="Again.", now=NOW + timedelta(days=89))
    assert sweep_at(years).deleted == ()
    close(dispute, ada, now=years)
    assert sweep_at(years + DAYS_90 - SECOND).deleted == ()
    assert len(sweep_at(years + DAYS_90).deleted) == 1


def test_purge_leaves_evidence_and_nothing_else(closed, media):
    sweep_at(DUE)
    media.refresh_from_db()
    assert (media.state, media.label, media.doom_rule) == ("purged", "", "time-is-up")
    with pytest.raises(ObjectMissing):
        open_store().fetch(media.key)
    evidence = PurgeEvidence.objects.get()
    record = DecisionRecord.objects.latest("pk")
    assert (evidence.media_id, evidence.dispute_id, evidence.sha256, evidence.size) == (
        *(media.pk, closed.pk, media.sha256, len(PDF)),
    )
    assert (evidence.rule, evidence.policy, evidence.digest) == ("time-is-up", "retention@1", record.digest)
    assert (evidence.closed_at, evidence.retain_until, evidence.purged_at) == (NOW, DUE, DUE)
    assert (record.policy, record.outcome, record.subject_id) == ("retention", "delete", closed.pk)


def test_sweeping_again_changes_nothing(closed):
    assert len(sweep_at(DUE).deleted) == 1
    assert sweep_at(DUE + SECOND).deleted == ()
    assert PurgeEvidence.objects.count() == 1


def test_engine_may_veto_what_the_stamp_chose(closed, policies):
    policies("retention", "value: 90d", "value: 100d")
    swept = sweep_at(DUE)
    assert ([item.rule for item in swept.plan.kept], swept.deleted) == (["closed-recently"], ())
    assert len(sweep_at(NOW + timedelta(days=100)).deleted) == 1


def test_engine_cannot_hurry_what_the_stamp_keeps(closed, policies):
    policies("retention", "value: 90d", "value: 1d")
    assert sweep_at(DUE - SECOND).deleted == ()
    assert len(sweep_at(DUE).deleted) == 1


def test_plan_and_sweep_name_the_same_files(bea, sam, ada):
    for number in range(6):
        dispute = make_dispute(complete(make_order(bea, make_product(sam, f"Chair {number}"))))
        add_media(dispute, bea, content=make_image(size=(9 + number, 9)), name="a.png")
        add_media(dispute, sam)
        if number != 3:
            close(dispute, ada, now=NOW + timedelta(days=number))
    at = NOW + timedelta(days=92)
    plan = make_plan(at=at)
    swept = sweep_at(at)
    assert swept.plan == plan
    assert swept.deleted == plan.deleted
    assert {item.dispute_id for item in plan.deleted} == set(
        Dispute.objects.filter(retain_until__lte=at).values_list("pk", flat=True)
    )
    assert len(plan.deleted) == Media.objects.filter(state="purged").count() == 6
    assert make_plan(at=at).deleted == ()


def test_file_out_of_reach_stays_doomed_for_the_next_sweep(closed, media, monkeypatch):
    store = type(open_store())

    def fail(self, key: str) -> None:
        raise StorageUnavailable("not now")

    with monkeypatch.context() as broken:
        broken.setattr(store, "remove", fail)
        swept = sweep_at(DUE)
    assert ([item.media_id for item in swept.left], swept.deleted) == ([media.pk], ())
    assert (Media.objects.get().state, PurgeEvidence.objects.count()) == ("doomed", 0)
    assert len(sweep_at(DUE + SECOND).deleted) == 1


def test_file_that_fails_as_nobody_foresaw_stops_no_other(dispute, media, bea, ada, monkeypatch):
    other = add_media(dispute, bea)
    close(dispute, ada)
    remove = EvidenceStore.remove

    def fail(self, key: str) -> None:
        if key == media.key:
            raise ValueError("nobody foresaw this")
        remove(self, key)

    with monkeypatch.context() as broken:
        broken.setattr(EvidenceStore, "remove", fail)
        swept = sweep_at(DUE)
    assert [[item.media_id for item in items] for items in (swept.left, swept.deleted)] == [
        [media.pk],
        [other.pk],
    ]
    assert [item.media_id for item in sweep_at(DUE).deleted] == [media.pk]


def test_storage_that_is_down_is_not_asked_for_every_file(dispute, bea, ada, monkeypatch):
    for _ in range(GIVE_UP_AFTER + 2):
        add_media(dispute, bea)
    close(dispute, ada)
    asked = []

    def fail(self, key: str) -> None:
        asked.append(key)
        raise StorageUnavailable("not now")

    monkeypatch.setattr(type(open_store()), "remove", fail)
    assert len(sweep_at(DUE).left) == GIVE_UP_AFTER + 2
    assert len(asked) == GIVE_UP_AFTER


def test_upload_that_never_arrived_goes_after_a_day(dispute, media, bea):
    common = {"dispute": dispute, "uploader": bea, "kind": "pdf", "size": 1, "sha256": "0" * 64}
    Media.objects.create(place=2, key="e/1", created_at=NOW, **common)
    failed = Media.objects.create(place=3, key="e/2", created_at=NOW, **common)
    Media.objects.filter(pk=failed.pk).update(state="doomed", doom_rule="upload-failed")
    day = NOW + timedelta(hours=24)
    assert sweep_at(day - SECOND).deleted == ()
    assert [item.rule for item in sweep_at(day).deleted] == ["upload-abandoned", "upload-failed"]
    states = Media.objects.order_by("place").values_list("state", flat=True)
    assert list(states) == ["live", "purged", "purged"]


def test_dispute_without_media_is_left_alone(dispute, ada):
    close(dispute, ada)
    sweep_at(DUE)
    assert Dispute.objects.get().purge_started_at is None
