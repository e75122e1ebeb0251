"""Writes a decision's record in the transaction of the change that it authorizes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import connection
from django.db.transaction import TransactionManagementError

from decisions import texts
from decisions.fields import canonical
from decisions.inserting import insert
from decisions.models import DecisionRecord
from decisions.recorded import note_record
from decisions.sealing import drop_pseudonym_key, key_of, pseudonyms_of, seal
from engine import Bundle, Decision
from engine.compiled import CompiledPolicy
from engine.expression.types import Type
from engine.expression.values import to_json
from engine.policy.model import Fact
from engine.version import VERSION

__all__ = ["Subject", "answer_of", "as_decided", "drop_pseudonym_key", "write_record"]

FRACTION: Final = re.compile(r"([0-9]+)\.([0-9]{1,3})ms")
ANSWER: Final = ("errors", "matched", "message", "obligations", "outputs", "status")


@dataclass(frozen=True, slots=True)
class Subject:
    """The object of a decision, and who asked. Either id is None if there is none yet."""

    kind: str
    id: int | None
    actor_id: int | None


def write_record(
    bundle: Bundle,
    version: CompiledPolicy,
    decision: Decision,
    facts: Mapping[str, object],
    *,
    subject: Subject,
    duration_us: int,
) -> DecisionRecord:
    """Stores the facts that the policy declares, as the engine reads them, so that the decision can be made again. Other facts
    had no influence, and may be private."""
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "a decision must be recorded in the transaction of the write it authorizes"
        )
    texts.keep_text(bundle)
    declared = version.validated.policy.facts
    given = {name: to_json(facts[name]) for name in declared if name in facts}
    answer = answer_of(decision)
    if decision.errors and not _says_the_same(bundle, decision, given, declared):
        answer["inexact"] = True
    private = private_of(version, given, answer["outputs"])
    key = key_of(subject.actor_id) if private else ""
    hidden = pseudonyms_of(private, key)
    record = DecisionRecord(
        policy=decision.policy,
        version=decision.version,
        revision=decision.revision,
        digest=decision.digest,
        engine=VERSION,
        outcome=decision.outcome,
        rule=decision.rule,
        reason=decision.reason,
        subject_kind=subject.kind,
        subject_id=subject.id,
        actor_id=subject.actor_id,
        facts=given | hidden.get("facts", {}),
        answer=answer | {"outputs": answer["outputs"] | hidden.get("outputs", {})},
        duration_us=duration_us,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        decided_at=decision.evaluated_at,
        in_force_at=decision.in_force_at,
    )
    insert(record)
    note_record(record.pk)
    if private and subject.actor_id is not None:
        insert(seal(private, key=key, record_id=record.pk, actor_id=subject.actor_id))
    return record


def answer_of(decision: Decision) -> dict[str, Any]:
    """What a decision says beyond the columns of its record, as JSON."""
    said = decision.to_dict()
    return {name: said[name] for name in ANSWER if name in said}


def private_of(
    version: CompiledPolicy, facts: Mapping[str, object], outputs: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """The private facts, and the outputs that reveal one; empty parts are left out."""
    declared = version.validated.policy.facts
    private = {
        "facts": {name: value for name, value in facts.items() if declared[name].private},
        "outputs": {name: value for name, value in outputs.items() if name in version.private_outputs},
    }
    return {part: values for part, values in private.items() if values}


def as_decided(facts: Mapping[str, Any], declared: Mapping[str, Fact]) -> dict[str, Any]:
    """Recorded facts as the engine got them. As text it takes durations of whole milliseconds only, but services give
    timedeltas."""
    return {
        name: exact(value, declared[name].type) if name in declared else value
        for name, value in facts.items()
    }


def exact(value: Any, type_: Type) -> Any:
    """One recorded value; see `as_decided`."""
    if type_.kind == "duration" and isinstance(value, str) and (match := FRACTION.fullmatch(value)):
        return timedelta(microseconds=int(match[1] + match[2].ljust(3, "0")))
    if type_.item is not None and isinstance(value, list):
        return [exact(item, type_.item) for item in value]
    if type_.kind == "record" and isinstance(value, dict):
        fields = dict(type_.fields)
        return {name: exact(item, fields[name]) if name in fields else item for name, item in value.items()}
    return value


def _says_the_same(
    bundle: Bundle, decision: Decision, given: Mapping[str, object], declared: Mapping[str, Fact]
) -> bool:
    """Whether the facts are invalid in the same way once they are JSON, which knows fewer types than Python."""
    read = as_decided(json.loads(canonical(given)), declared)
    return bundle.decide(decision.policy, read, now=decision.evaluated_at, superset=True) == decision
