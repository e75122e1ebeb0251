"""Asks the retention policy until when a dispute's media is kept, and whether it may be reopened."""

from dataclasses import dataclass
from datetime import datetime

from decisions import Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.disputes.facts import retention_facts
from marketplace.disputes.models import Dispute
from marketplace.disputes.retention.keeping import leaves_media


@dataclass(frozen=True, slots=True)
class Stamp:
    """`until` is None if the policy gives no date."""

    until: datetime | None
    policy: str
    digest: str

    def columns(self) -> dict[str, object]:
        return {"retain_until": self.until, "retain_policy": self.policy, "retain_digest": self.digest}


def ask_stamp(
    dispute: Dispute, *, closed_at: datetime, actor: User | None, now: datetime, record: bool = True
) -> Stamp:
    facts = retention_facts(dispute, closed_at=closed_at)
    decision = ask_retention(dispute, facts, actor=actor, now=now, record=record)
    until = decision.outputs.get("delete_after")
    return Stamp(until if isinstance(until, datetime) else None, name_policy(decision), decision.digest)


def ask_may_reopen(dispute: Dispute, *, actor: User, now: datetime) -> bool:
    decision = ask_retention(dispute, retention_facts(dispute), actor=actor, now=now, record=True)
    return leaves_media(dispute, decision, now=now)


def ask_retention(
    dispute: Dispute, facts: dict[str, object], *, actor: User | None, now: datetime, record: bool
) -> Decision:
    subject = Subject(kind="dispute", id=dispute.pk, actor_id=actor.pk if actor else None)
    return decide("retention", facts, now=now, subject=subject, record=record, superset=True)


def name_policy(decision: Decision) -> str:
    """Like `retention@2`, or `retention@2 revision 1`."""
    revision = f" revision {decision.revision}" if decision.revision else ""
    return f"{decision.policy}@{decision.version}{revision}"
