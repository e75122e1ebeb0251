"""Disputes, holds, media and evidence against everything that bypasses the engine."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.disputes.holds import place_hold
from marketplace.disputes.models import (
    Dispute,
    DisputeEvent,
    DisputeMessage,
    Hold,
    Media,
    PurgeEvidence,
    SweepRun,
)
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90


@pytest.fixture
def closed(dispute, media, ada) -> Dispute:
    return close(dispute, ada)


@pytest.fixture
def purged(closed) -> Dispute:
    sweep_at(DUE)
    return Dispute.objects.get()


def refused(words: str):
    return pytest.raises(IntegrityError, match=words)


def change(row, **changes: object) -> None:
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**changes)


def execute(sql: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_dispute_needs_a_completed_order(order, bea):
    with refused("about a completed order"):
        Dispute.objects.create(order=order, opened_by=bea, opened_at=NOW)


def test_dispute_is_opened_by_a_party(sale, ben):
    with refused("opened by a party"):
        Dispute.objects.create(order=sale, opened_by=ben, opened_at=NOW)


def test_order_has_one_open_dispute(dispute, sale, bea):
    with pytest.raises(IntegrityError):
        Dispute.objects.create(order=sale, opened_by=bea, opened_at=NOW)


@pytest.mark.parametrize("stamp", [{}, {"closed_at": NOW}, {"retain_until": DUE}])
def test_closing_without_a_whole_stamp(dispute, stamp):
    with refused("closed_dispute_is_stamped"):
        change(dispute, status="closed", **stamp)


def test_open_dispute_keeps_no_stamp(closed):
    with refused("closed_dispute_is_stamped"):
        change(closed, status="reopened")


def test_purge_before_its_time(closed):
    with refused("purge_is_neither_early_nor_held"):
        change(closed, purge_started_at=DUE - timedelta(microseconds=1))


def test_purge_of_what_is_held(closed, ada):
    place_hold(actor=ada, dispute_id=closed.pk, reason="Court.", now=LATER)
    for counted in ({}, {"standing_holds": 0}):  # whatever the counter says
        with pytest.raises(IntegrityError):
            change(closed, purge_started_at=DUE, **counted)


@pytest.mark.parametrize(
    "changes",
    [
        {"purge_started_at": None},
        {"purge_started_at": DUE + timedelta(days=1)},
        {"retain_until": NOW + timedelta(days=1)},
        {"status": "reopened", "closed_at": None, "retain_until": None, "purge_started_at": None},
    ],
)
def test_purge_that_has_begun_is_final(purged, changes):
    blank = {"retain_policy": "", "retain_digest": ""} if "status" in changes else {}
    with refused("the purge of this dispute has begun"):
        change(purged, **changes, **blank)


def test_hold_after_the_purge_has_begun(purged, ada):
    with refused("the purge of this dispute has begun"):
        Hold.objects.create(dispute=purged, placed_by=ada, reason="Late.", placed_at=LATER)


@pytest.mark.parametrize("table", ["dispute", "disputeevent", "hold", "media"])
def test_rows_are_kept(closed, ada, table):
    place_hold(actor=ada, dispute_id=closed.pk, reason="Court.", now=LATER)
    with refused("is kept"):
        execute(f"DELETE FROM disputes_{table}")


def test_message_into_a_closed_dispute(closed, bea):
    late = DisputeMessage(dispute=closed, seq=9, author=bea, text="late", sent_at=LATER)
    with refused("the dispute is closed"):
        DisputeMessage.objects.bulk_create([late])


def test_message_is_not_moved(dispute, sam):
    with refused("stays in its place"):
        change(DisputeMessage.objects.get(), author=sam)
    change(DisputeMessage.objects.get(), text="")  # erasure may blank it


def test_event_keeps_all_but_its_reason(closed, sam):
    event = DisputeEvent.objects.get(act="close")
    for changes in ({"actor": sam}, {"at": LATER}, {"act": "open"}, {"reason": "Another."}):
        with refused("only the reason can be blanked"):
            change(event, **changes)
    change(event, reason="")


def test_hold_is_released_once(closed, ada, bea):
    hold = place_hold(actor=ada, dispute_id=closed.pk, reason="Court.", now=NOW)
    with refused("a hold is only released, once"):
        change(hold, placed_at=LATER)
    change(hold, released_at=LATER, released_by=ada)
    for changes in ({"released_at": None, "released_by": None}, {"released_by": bea}):
        with refused("a hold is only released, once"):
            change(hold, **changes)


def test_media_begins_as_uploading(dispute, bea):
    with refused("media begins as uploading"):
        Media.objects.create(**columns(dispute, bea), state="live")


def test_media_into_a_closed_dispute(closed, bea):
    with refused("in a dispute that is not closed"):
        Media.objects.create(**columns(closed, bea))


def columns(dispute, uploader) -> dict[str, object]:
    row = {"dispute": dispute, "uploader": uploader, "place": 7, "key": "e/7", "kind": "pdf", "size": 1}
    return {**row, "sha256": "0" * 64, "created_at": NOW}


@pytest.mark.parametrize("state", ["live", "quarantined"])
def test_media_is_doomed_only_by_the_purge_of_its_dispute(dispute, bea, ada, state):
    media = Media.objects.create(**columns(dispute, bea))
    change(media, state=state)
    close(dispute, ada)
    with refused("doomed by the purge of its dispute"):
        change(media, state="doomed", doom_rule="time-is-up")


@pytest.mark.parametrize("changes", [{"key": "e/other"}, {"size": 5}, {"sha256": "1" * 64}, {"place": 3}])
def test_media_is_what_it_was(media, changes):
    with refused("media does not move like that"):
        change(media, **changes)


def test_evidence_is_about_purged_media(media, closed):
    with refused("evidence is about purged media"):
        PurgeEvidence.objects.create(
            media_id=media.pk, dispute_id=1, sha256="", size=1, purged_at=NOW, run=UUID, absent=True
        )


UUID = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("model", "changes"),
    [("PurgeEvidence", {"size": 1}), ("EvidenceSeal", {"chain": "x"}), ("SweepRun", {"rehearsal": True})],
)
def test_evidence_is_append_only(purged, model, changes):
    from marketplace.disputes import models

    table = getattr(models, model)
    with refused("is append-only"):
        change(table.objects.get(), **changes)
    with refused("is append-only"):
        execute(f"DELETE FROM {table._meta.db_table}")


def test_second_evidence_of_one_file(purged):
    evidence = PurgeEvidence.objects.get()
    evidence.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        evidence.save(force_insert=True)


def test_every_sweep_leaves_its_row(purged):
    assert [run.at for run in SweepRun.objects.all()] == [DUE]
