"""decide(): the only way from Django to the engine."""

import time
from collections.abc import Mapping
from datetime import datetime

from decisions import bundles, metrics
from decisions.logs import get_logger
from decisions.models import DecisionRecord
from decisions.records import Subject, write_record
from engine import Budget, Bundle, Decision
from engine.expression.values import to_json

log = get_logger(__name__)


class Denied(Exception):
    """The policy in force refuses the action. Raised after the refusal's record is committed. The text goes to logs, so it
    contains the reason, which names facts at most, and not the message, which may quote them."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.policy}/{decision.rule}: {decision.reason}")
        self.decision = decision


def decide(
    policy: str,
    facts: Mapping[str, object],
    *,
    now: datetime,
    subject: Subject,
    record: bool,
    superset: bool = False,
    explain: bool = False,
    counterfactuals: Budget | None = None,
) -> Decision:
    """Decides with the bundle of this request.

    `record` writes a row in the caller's transaction; if that fails, the error propagates, so that no write is based on an
    unrecorded decision. `superset` allows undeclared facts, which are ignored; services set it, code that passes on user input
    does not. `explain` adds the reasons, `counterfactuals` what would change the decision, within that budget.
    """
    bundle = bundles.current()
    decision, nanoseconds = _ask(
        bundle, policy, facts, now=now, superset=superset, explain=explain, counterfactuals=counterfactuals
    )
    if record:
        _record(bundle, decision, facts, subject, nanoseconds)
    _log_decision(decision, subject, recorded=record)
    return decision


def foresee(policy: str, facts: Mapping[str, object], *, now: datetime) -> Decision:
    """What `decide` would say, with extra facts allowed, for plans, counts and display. Not recorded, logged or counted, so no
    write may be based on it."""
    return bundles.current().decide(policy, facts, now=now, superset=True)


def decide_on_record(
    policy: str, facts: Mapping[str, object], *, now: datetime, subject: Subject
) -> tuple[Decision, DecisionRecord]:
    """Like `decide` for a write, and returns the record, for a row that refers to it."""
    bundle = bundles.current()
    decision, nanoseconds = _ask(bundle, policy, facts, now=now, superset=True)
    record = _record(bundle, decision, facts, subject, nanoseconds)
    _log_decision(decision, subject, recorded=True)
    return decision, record


def _ask(
    bundle: Bundle,
    policy: str,
    facts: Mapping[str, object],
    *,
    now: datetime,
    superset: bool,
    explain: bool = False,
    counterfactuals: Budget | None = None,
) -> tuple[Decision, int]:
    """The decision, and how many nanoseconds it took."""
    started = time.perf_counter_ns()
    decision = bundle.decide(
        policy, facts, now=now, explain=explain, counterfactuals=counterfactuals, superset=superset
    )
    nanoseconds = time.perf_counter_ns() - started
    metrics.observe_decision(decision, nanoseconds / 1e9)
    return decision, nanoseconds


def _record(
    bundle: Bundle, decision: Decision, facts: Mapping[str, object], subject: Subject, nanoseconds: int
) -> DecisionRecord:
    version = bundle.version_of(decision)
    return write_record(bundle, version, decision, facts, subject=subject, duration_us=nanoseconds // 1000)


def _log_decision(decision: Decision, subject: Subject, recorded: bool) -> None:
    log.info(
        "decision",
        policy=f"{decision.policy}@{decision.version}",
        revision=decision.revision,
        in_force_at=to_json(decision.in_force_at),
        outcome=decision.outcome,
        rule=decision.rule,
        reason=decision.reason,
        subject=subject.kind,
        subject_id=subject.id,
        actor_id=subject.actor_id,
        recorded=recorded,
        digest=decision.digest,
    )
