"""One recorded decision for a reader: what was decided, by which rule and source, on which facts, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from decisions.models import DecisionRecord
from decisions.replay import NotReplayable, facts_of, version_of
from decisions.texts import TextUnavailable, load_text
from engine import Bundle
from engine.compiled import CompiledPolicy
from engine.policy.private import conditions_within

BUNDLES = 4
"""The number of bundles that a process keeps for readers."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """`lacks` says why `source`, `facts` or `conditions` cannot be told."""

    id: int
    policy: str
    version: int
    revision: int
    in_force_at: datetime
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


def view_decision(
    record: DecisionRecord, *, facts: frozenset[str] | None, hidden: frozenset[str] = frozenset()
) -> DecisionView:
    """The reader sees these facts and those that the policy marks `show`, and the named conditions that read no others. With
    None, all but `hidden`; a private fact is shown to nobody."""
    source, shown, conditions, lacks = None, {}, {}, None
    explanation: dict[str, Any] = {}
    version = None
    try:
        bundle = _bundle(record.digest)
        version = version_of(bundle, record)
        source = _source(version, record.rule)
        visible = _visible(version, facts) - hidden
        shown = {name: value for name, value in record.facts.items() if name in visible}
        explanation = _without(hidden, _explanation(bundle, record, version))
        conditions = {each["name"]: each["holds"] for each in explanation.get("conditions", [])}
        if facts is not None:
            told = conditions_within(version.validated, visible)
            conditions = {name: holds for name, holds in conditions.items() if name in told}
    except (NotReplayable, TextUnavailable) as reason:
        lacks = str(reason)
    return DecisionView(
        id=record.pk,
        policy=record.policy,
        version=record.version,
        revision=record.revision,
        in_force_at=record.in_force_at or record.decided_at,
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
        explanation=explanation if facts is None else {},
        version_read=version,
    )


_bundle = lru_cache(BUNDLES)(load_text)


def bundle_of(record: DecisionRecord) -> Bundle:
    """The bundle that decided, from its stored text. Raises TextUnavailable."""
    return _bundle(record.digest)


def _source(version: CompiledPolicy, rule_id: str) -> str | None:
    """A rule for each row of a table has the row's name after its own."""
    policy = version.validated.policy
    named = (rule.source for rule in policy.rules if rule_id == rule.id or rule_id.startswith(f"{rule.id}["))
    return next(named, None) or policy.source


def _explanation(bundle: Bundle, record: DecisionRecord, version: CompiledPolicy) -> dict[str, Any]:
    facts, _ = facts_of(record, version)
    decision = bundle.decide(record.policy, facts, now=record.decided_at, superset=True, explain=True)
    return decision.explanation or {}


def _without(hidden: frozenset[str], explanation: dict[str, Any]) -> dict[str, Any]:
    """What stopped a rule is told with the values that it read."""
    for stopped in (rule.get("stopped_by", {}) for rule in explanation.get("rules", ())):
        values = stopped.get("values", {})
        for name in hidden & values.keys():
            del values[name]
    return explanation


def _visible(version: CompiledPolicy, facts: frozenset[str] | None) -> frozenset[str]:
    declared = version.validated.policy.facts.items()
    return frozenset(
        name for name, fact in declared if not fact.private and (facts is None or name in facts or fact.show)
    )
