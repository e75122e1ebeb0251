"""Adds a file to a dispute: sanitize, insert the row, store the object, then publish.

A crash can leave a row without an object, but never an object without a row.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, QuerySet

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.disputes.deciding import decide_with, expect_one, lock_dispute
from marketplace.disputes.facts import upload_facts
from marketplace.disputes.media import scanning
from marketplace.disputes.media.labels import clean_label
from marketplace.disputes.media.preparing import Prepared, Upload, prepare
from marketplace.disputes.media.scanning import Verdict, ask_scanner, find_scanner, note_verdict
from marketplace.disputes.media.slots import media_slot
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.models.dispute import MEDIA_CEILING
from marketplace.disputes.queries import access_dispute
from marketplace.disputes.states import DisputeStatus, MediaState
from marketplace.disputes.storage.store import PREFIX, StorageUnavailable, open_store
from marketplace.transactions import patiently, write

UPLOAD_FAILED = "upload-failed"
SLACK: Final = timedelta(seconds=10)
"""Extra time for steps that are usually instant: local disk, commit, a busy machine."""


def upload_media(*, actor: User, dispute_id: int, upload: Upload, now: datetime) -> Media:
    """Raises Dispute.DoesNotExist, UnacceptableFile, Denied, Refused, StorageUnavailable or MediaBusy."""
    access_dispute(actor, dispute_id)  # do not decode images for a dispute that is not the caller's
    with media_slot(), prepare(upload) as file:
        media = patiently(
            lambda: _record_intent(actor=actor, dispute_id=dispute_id, upload=upload, file=file, now=now)
        )
        _store(media, file)
        scanner = find_scanner()
        verdict = ask_scanner(media, file.content, scanner=scanner) if scanner else None
        state = MediaState.QUARANTINED if scanner else MediaState.LIVE
        patiently(lambda: _admit(media, state, verdict, now=now))
    media.refresh_from_db()
    return media


def _storing_takes() -> timedelta:
    """The maximum time from the intent until the file is published."""
    transfer = settings.STORAGES["evidence"]["OPTIONS"].get("seconds", 0)
    scan = 3 * scanning.SECONDS if settings.COMITY_SCANNER else 0
    return SLACK + timedelta(seconds=2 * transfer + scan)


def _record_intent(*, actor: User, dispute_id: int, upload: Upload, file: Prepared, now: datetime) -> Media:
    with write(step=_storing_takes()):
        # Prevents two uploads to two disputes from both taking a person's last quota.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        dispute = lock_dispute(actor, dispute_id)
        facts = upload_facts(actor=actor, dispute=dispute, size=file.size)
        decision = decide_with(facts, actor=actor, dispute=dispute, now=now)
        if decision.permits:
            return _create(actor=actor, dispute=dispute, upload=upload, file=file, now=now)
    raise Denied(decision)


def _create(*, actor: User, dispute: Dispute, upload: Upload, file: Prepared, now: datetime) -> Media:
    taking = Dispute.objects.filter(pk=dispute.pk, media_count__lt=MEDIA_CEILING)
    expect_one(taking.exclude(status=DisputeStatus.CLOSED).update(media_count=F("media_count") + 1))
    return Media.objects.create(
        dispute=dispute,
        uploader=actor,
        place=dispute.media_count + 1,
        key=PREFIX + uuid.uuid4().hex,
        kind=upload.kind.name,
        label=clean_label(upload.name),
        size=file.size,
        sha256=file.sha256,
        created_at=now,
    )


def _store(media: Media, file: Prepared) -> None:
    try:
        open_store().put(media.key, file.content, size=file.size)
    except StorageUnavailable:
        # It is unknown whether the object exists: the sweep will check and remove it.
        _uploading(media).update(state=MediaState.DOOMED, doom_rule=UPLOAD_FAILED)
        raise


def _admit(media: Media, state: MediaState, verdict: Verdict | None, *, now: datetime) -> None:
    with write():
        # Or the sweep abandoned it meanwhile, and will remove the object.
        expect_one(_uploading(media).update(state=state))
        if verdict is not None:
            note_verdict(media, verdict, now=now)


def _uploading(media: Media) -> QuerySet[Media]:
    return Media.objects.filter(pk=media.pk, state=MediaState.UPLOADING)
