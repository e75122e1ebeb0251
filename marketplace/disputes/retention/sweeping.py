"""The sweep: deletes what the plan says, in two phases that a crash may interrupt anywhere.

First the tombstone, one transaction on the row of the dispute, which reopening and holds contend for. Then, file
by file, the object, a look that it is absent, and the row with its evidence. Object first, row second: a crash
leaves a row to be tried again, never an object that no row knows.
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
"""So many failures in a row are a storage that is down: the rest would only wait for it, one by one."""


@dataclass(frozen=True, slots=True)
class Swept:
    """Of the plan: `spared` was reopened or held meanwhile, `left` was out of reach."""

    plan: Plan
    deleted: tuple[Item, ...]
    spared: tuple[Item, ...]
    left: tuple[Item, ...]


def sweep(*, moment: Moment, report: Callable[[Item], None]) -> Swept:
    """Safe beside other sweeps; what one does not finish, the next does. Raises StorageUnavailable before anything
    is begun where the storage is out of reach or is not the right volume."""
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
    """None where it failed: one file out of reach, one row that somebody holds, or a guard of the database
    that knows better, is no reason to stop."""
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
    except Exception:  # the files behind it must not wait for somebody to look at this one
        log.exception("retention_step_failed", step=step.__name__, row_id=row_id)
        return None


def begin_purge(dispute_id: int, *, at: datetime) -> bool:
    """The tombstone. The stamp has chosen the dispute, and the engine can only say no."""
    with transaction.atomic(durable=True):
        dispute = due_disputes(at).select_for_update(no_key=True, of=("self",)).filter(pk=dispute_id).first()
        if dispute is None:  # reopened, or another sweep was faster
            return False
        decision = ask_retention(dispute, retention_facts(dispute), actor=None, now=at, record=True)
        if not decision.permits:
            return False
        due = Dispute.objects.filter(pk=dispute.pk, standing_holds=0, retain_until=dispute.retain_until)
        if due.filter(purge_started_at=None).update(purge_started_at=at) != 1:
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
            return  # another sweep was faster, and left the evidence
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
