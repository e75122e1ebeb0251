"""decide(), the only way from Django to the engine, and the record it leaves."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection
from django.db.transaction import TransactionManagementError

from decisions import bundles, metrics
from decisions.models import DecisionRecord
from engine import Decision

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about and who asked; either id is None where there is none yet."""

    kind: str
    id: int | None
    actor_id: int | None


class Denied(Exception):
    """The policy in force refuses the act. Raised after the refusal's own record is committed."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.policy}/{decision.rule}: {decision.message}")
        self.decision = decision


def decide(
    policy: str,
    facts: Mapping[str, object],
    *,
    now: datetime,
    subject: Subject,
    record: bool,
    explain: bool = False,
) -> Decision:
    """Asks the bundle of this request. With `record`, one row is written in the caller's transaction, and a
    failure to write it goes through to the caller, so that no write rests on an unrecorded decision."""
    started = time.perf_counter_ns()
    decision = bundles.current().decide(policy, facts, now=now, explain=explain)
    nanoseconds = time.perf_counter_ns() - started
    metrics.observe_decision(decision, nanoseconds / 1e9)
    if record:
        _write_record(decision, facts, subject, nanoseconds // 1000)
    log.info(
        "decision",
        policy=f"{policy}@{decision.version}",
        outcome=decision.outcome,
        rule=decision.rule,
        subject=subject.kind,
        subject_id=subject.id,
        actor_id=subject.actor_id,
        recorded=record,
        digest=decision.digest,
    )
    return decision


def _write_record(
    decision: Decision, facts: Mapping[str, object], subject: Subject, duration_us: int
) -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "a recorded decision must be made in the transaction of the write it authorizes"
        )
    DecisionRecord.objects.create(
        policy=decision.policy,
        version=decision.version,
        digest=decision.digest,
        outcome=decision.outcome,
        rule=decision.rule,
        subject_kind=subject.kind,
        subject_id=subject.id,
        actor_id=subject.actor_id,
        facts=dict(facts),
        duration_us=duration_us,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        decided_at=decision.evaluated_at,
    )
