"""Writes a decision's record in the transaction of the change that it authorizes."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.crypto import salted_hmac

from decisions.models import DecisionRecord, PseudonymKey
from engine import Decision
from engine.expression.values import to_json
from engine.policy.model import Fact


@dataclass(frozen=True, slots=True)
class Subject:
    """The object of a decision, and who asked. Either id is None if there is none yet."""

    kind: str
    id: int | None
    actor_id: int | None


def write_record(
    decision: Decision,
    facts: Mapping[str, object],
    declared: Mapping[str, Fact],
    *,
    subject: Subject,
    duration_us: int,
) -> DecisionRecord:
    """Stores the facts that the policy declares, as the engine reads them, so that the decision can be reproduced. Other facts
    had no influence, and may be private."""
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "a decision must be recorded in the transaction of the write it authorizes"
        )
    return DecisionRecord.objects.create(
        policy=decision.policy,
        version=decision.version,
        revision=decision.revision,
        digest=decision.digest,
        outcome=decision.outcome,
        rule=decision.rule,
        subject_kind=subject.kind,
        subject_id=subject.id,
        actor_id=subject.actor_id,
        facts={
            name: _kept(facts[name], fact, subject.actor_id)
            for name, fact in declared.items()
            if name in facts
        },
        duration_us=duration_us,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        decided_at=decision.evaluated_at,
        in_force_at=decision.in_force_at,
    )


def _kept(value: object, fact: Fact, actor_id: int | None) -> object:
    """Pseudonymizes a private fact with a key: values of one person are comparable but unreadable."""
    shown = to_json(value)
    if not fact.private:
        return shown
    text = json.dumps(shown, cls=DjangoJSONEncoder, sort_keys=True)
    salt = f"decisions.private-fact:{_key_of(actor_id)}"
    return "pseudonym:" + salted_hmac(salt, text, algorithm="sha256").hexdigest()[:32]


def _key_of(actor_id: int | None) -> str:
    if actor_id is None:
        return ""
    kept, _ = PseudonymKey.objects.get_or_create(actor_id=actor_id, defaults={"key": secrets.token_hex(32)})
    return kept.key


def drop_pseudonym_key(*, user_id: int) -> int:
    """Records stay unchanged; their private facts can no longer be linked to anybody."""
    return PseudonymKey.objects.filter(actor_id=user_id).delete()[0]
