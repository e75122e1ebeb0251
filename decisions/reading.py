"""One recorded decision for a reader: what was decided, by which rule and source, on which facts, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from decisions import bundles
from decisions.bundles import BundleUnavailable
from decisions.models import DecisionRecord
from decisions.replay import NotReplayable, facts_of, version_of
from decisions.texts import TextUnavailable, load_text
from engine import Bundle
from engine.compiled import CompiledPolicy

BUNDLES = 4
"""Of earlier texts that a process keeps loaded for readers."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """`lacks` says why `source`, `facts` or `conditions` cannot be told."""

    id: int
    policy: str
    version: int
    outcome: str
    rule: str
    reason: str
    message: str
    source: str | None
    subject_kind: str
    subject_id: int | None
    decided_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, bool] = field(default_factory=dict)
    lacks: str | None = None
    explanation: dict[str, Any] = field(default_factory=dict)
    """Why each rule applied or not, without private values. Only for readers of all decisions."""
    version_read: CompiledPolicy | None = None
    """The version that decided, from its stored text; None if `lacks` says why."""


def access_decision(*, reader_id: int, decision_id: int, reads_all: bool) -> DecisionRecord:
    """A decision about the reader, or any if `reads_all`. Raises DecisionRecord.DoesNotExist."""
    records = DecisionRecord.objects.all() if reads_all else DecisionRecord.objects.filter(actor_id=reader_id)
    return records.get(pk=decision_id)


def view_decision(record: DecisionRecord, *, reads_all: bool) -> DecisionView:
    """The party concerned sees the facts that the policy marks `show`, other readers all that are not private."""
    source, shown, conditions, lacks = None, {}, {}, None
    explanation: dict[str, Any] = {}
    version = None
    try:
        bundle = _bundle(record.digest)
        version = version_of(bundle, record)
        source = _source(version, record.rule)
        declared = version.validated.policy.facts
        shown = {
            name: value
            for name, value in record.facts.items()
            if name in declared and not declared[name].private and (reads_all or declared[name].show)
        }
        explanation = _explanation(bundle, record, version)
        conditions = {each["name"]: each["holds"] for each in explanation.get("conditions", [])}
    except (NotReplayable, TextUnavailable) as reason:
        lacks = str(reason)
    return DecisionView(
        id=record.pk,
        policy=record.policy,
        version=record.version,
        outcome=record.outcome,
        rule=record.rule,
        reason=record.reason,
        message=(record.answer or {}).get("message", ""),
        source=source,
        subject_kind=record.subject_kind,
        subject_id=record.subject_id,
        decided_at=record.decided_at,
        facts=shown,
        conditions=conditions,
        lacks=lacks,
        explanation=explanation if reads_all else {},
        version_read=version,
    )


def _bundle(digest: str) -> Bundle:
    """Raises TextUnavailable."""
    try:
        current = bundles.current()
    except BundleUnavailable:
        return _stored(digest)
    return current if current.digest == digest else _stored(digest)


_stored = lru_cache(BUNDLES)(load_text)


def _source(version: CompiledPolicy, rule_id: str) -> str | None:
    """A rule for each row of a table has the row's name after its own."""
    policy = version.validated.policy
    named = (rule.source for rule in policy.rules if rule_id == rule.id or rule_id.startswith(f"{rule.id}["))
    return next(named, None) or policy.source


def _explanation(bundle: Bundle, record: DecisionRecord, version: CompiledPolicy) -> dict[str, Any]:
    facts, _ = facts_of(record, version)
    decision = bundle.decide(record.policy, facts, now=record.decided_at, superset=True, explain=True)
    return decision.explanation or {}
