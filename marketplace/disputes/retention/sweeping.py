"""The sweep: deletes what the plan says, in two phases that may be interrupted anywhere.

First the tombstone: one transaction on the dispute's row, which reopening and holds compete for. Then, for each file: delete
the object, check that it is absent, and update the row with the evidence. The object goes first: a crash leaves a row to retry,
never an object without a row.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from marketplace.disputes.facts import retention_facts
from marketplace.disputes.models import Dispute, Media, PurgeEvidence, SweepRun
from marketplace.disputes.retention.clock import Moment
from marketplace.disputes.retention.planning import (
    KEPT_STATES,
    UPLOAD_ABANDONED,
    Item,
    Plan,
    abandoned_uploads,
    due_disputes,
    make_plan,
)
from marketplace.disputes.retention.sealing import seal_evidence
from marketplace.disputes.retention.stamping import ask_retention, name_policy
from marketplace.disputes.states import MediaState
from marketplace.disputes.storage.store import StorageUnavailable, open_store

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = 5
"""After this many consecutive failures the storage counts as down, and the sweep stops."""


@dataclass(frozen=True, slots=True)
class Swept:
    """Of the plan, `spared` was reopened or held meanwhile, and `left` was unreachable."""

    plan: Plan
    deleted: tuple[Item, ...]
    spared: tuple[Item, ...]
    left: tuple[Item, ...]


def sweep(*, moment: Moment, report: Callable[[Item], None]) -> Swept:
    """Safe to run concurrently; a later sweep finishes what an interrupted one left. Raises StorageUnavailable before anything
    starts if the storage is unreachable or the wrong volume."""
    open_store().check_volume()
    run = _begin(moment)
    plan = make_plan(at=moment.at)
    for dispute_id in plan.due:
        _attempt(begin_purge, dispute_id, at=moment.at)
    groups: dict[bool | None, list[Item]] = {True: [], False: [], None: []}
    failures = 0
    for item in plan.deleted:
        trying = failures < GIVE_UP_AFTER
        gone = _attempt(purge, item.media_id, at=moment.at, run=run) if trying else None
        failures = failures + 1 if gone is None else 0
        groups[gone].append(item)
        if gone:
            report(item)
    seal_evidence(now=timezone.now())
    deleted, spared, left = (tuple(groups[gone]) for gone in (True, False, None))
    log.info("retention_swept", run=str(run), deleted=len(deleted), spared=len(spared), left=len(left))
    return Swept(plan, deleted, spared, left)


def _begin(moment: Moment) -> uuid.UUID:
    run = uuid.uuid4()
    SweepRun.objects.create(run=run, at=moment.at, started_at=timezone.now(), rehearsal=moment.rehearsal)
    return run


def _attempt(step: Callable[..., bool], row_id: int, **how: object) -> bool | None:
    """None on failure: one unreachable file, locked row or violated constraint must not stop the sweep."""
    try:
        return step(row_id, **how)
    except (StorageUnavailable, DatabaseError) as problem:
        log.warning(
            "retention_step_failed",
            step=step.__name__,
            row_id=row_id,
            problem=f"{type(problem).__name__}: {problem}",
        )
        return None
    except Exception:  # do not block the remaining files
        log.exception("retention_step_failed", step=step.__name__, row_id=row_id)
        return None


def begin_purge(dispute_id: int, *, at: datetime) -> bool:
    """Writes the tombstone. The stamped date selected the dispute; the policy can only veto."""
    with transaction.atomic(durable=True):
        due = due_disputes(at).select_related("order").select_for_update(no_key=True, of=("self",))
        dispute = due.filter(pk=dispute_id).first()
        if dispute is None:  # reopened, or another sweep was faster
            return False
        decision = ask_retention(dispute, retention_facts(dispute), actor=None, now=at, record=True)
        if not decision.permits:
            return False
        free = Dispute.objects.filter(pk=dispute.pk, standing_holds=0, retain_until=dispute.retain_until)
        if free.filter(purge_started_at=None).update(purge_started_at=at) != 1:
            return False
        Media.objects.filter(dispute=dispute, state__in=KEPT_STATES).update(
            state=MediaState.DOOMED,
            doom_rule=decision.rule,
            doom_policy=name_policy(decision),
            doom_digest=decision.digest,
        )
        return True


def purge(media_id: int, *, at: datetime, run: uuid.UUID) -> bool:
    """Whether the file is gone, by this sweep or another. Raises StorageUnavailable."""
    abandoned = abandoned_uploads(at).filter(pk=media_id, dispute__purge_started_at=None)
    abandoned.update(state=MediaState.DOOMED, doom_rule=UPLOAD_ABANDONED)
    media = Media.objects.select_related("dispute").get(pk=media_id)
    if media.state == MediaState.DOOMED:
        open_store().remove(media.key)
        _bury(media, at=at, run=run)
    return media.state in {MediaState.DOOMED, MediaState.PURGED}


def _bury(media: Media, *, at: datetime, run: uuid.UUID) -> None:
    with transaction.atomic(durable=True):
        doomed = Media.objects.filter(pk=media.pk, state=MediaState.DOOMED)
        if doomed.update(state=MediaState.PURGED, label="") != 1:
            return  # another sweep was faster and wrote the evidence
        PurgeEvidence.objects.create(
            media_id=media.pk,
            dispute_id=media.dispute_id,
            sha256=media.sha256,
            size=media.size,
            rule=media.doom_rule,
            policy=media.doom_policy,
            digest=media.doom_digest,
            closed_at=media.dispute.closed_at,
            retain_until=media.dispute.retain_until,
            purged_at=at,
            run=run,
            absent=True,
        )
