"""Deciding about a text that somebody is about to write, and working off the queue of flagged ones."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from decisions import Subject, decide_on_record
from decisions.models import DecisionRecord
from detectors.signal import Findings, Signal
from engine import Decision
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.facts import Mode, earlier_insults, moderation_facts
from marketplace.moderation.models import Insult, Kind, QueueItem, State, Verdict
from marketplace.moderation.queries import access_item, support_of
from marketplace.moderation.thread import Thread
from marketplace.transactions import patiently, write

POLICY: Final = "moderation_profiles"
PASSING: Final = frozenset({"allow", "flag"})
QUEUED: Final = frozenset({"queue_review", "hold", "show_support"})
SIGNALS_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Moderated:
    """What was decided about a text; where it passes, it is written with this `item`, if there is one."""

    decision: Decision
    item: QueueItem | None

    @property
    def passes(self) -> bool:
        return not self.decision.errors and self.decision.outcome in PASSING


def moderate(
    findings: Findings, *, kind: Kind, mode: Mode, author: User, thread: Thread, now: datetime
) -> Moderated:
    """Belongs into the transaction that writes the text, after `detection.examine` before it. Where the text
    does not pass, the caller writes nothing, commits the record, and raises Denied."""
    facts = moderation_facts(
        mode=mode, findings=findings, insults=earlier_insults(author=author, thread=thread)
    )
    subject = Subject(kind=thread.kind, id=thread.id, actor_id=author.pk)
    decision, record = decide_on_record(POLICY, facts, now=now, subject=subject)
    moderated = Moderated(decision, None)
    if not moderated.passes:
        return moderated
    item = _queue(decision, record, findings, kind, author, thread) if _is_queued(decision) else None
    if decision.outputs.get("insulting"):
        Insult.objects.create(
            thread_kind=thread.kind, thread_id=thread.id, author=author, queue_item=item, at=now
        )
    return Moderated(decision, item)


def _is_queued(decision: Decision) -> bool:
    return decision.outcome == "flag" or not QUEUED.isdisjoint(decision.obligations)


def _queue(
    decision: Decision, record: DecisionRecord, findings: Findings, kind: Kind, author: User, thread: Thread
) -> QueueItem:
    return QueueItem.objects.create(
        kind=kind,
        thread_kind=thread.kind,
        thread_id=thread.id,
        author=author,
        decision=record,
        flagged_for=decision.reason,
        told=decision.message,
        support=support_of(decision) or "",
        urgent=bool(decision.outputs.get("urgent")),
        held="hold" in decision.obligations,
        language=findings.language,
        signals=_kept(findings.signals),
        created_at=decision.evaluated_at,
    )


def _kept(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """The strongest, in the order of the text."""
    strongest = sorted(signals, key=lambda signal: -signal.score)[:SIGNALS_KEPT]
    return [asdict(signal) for signal in sorted(strongest, key=lambda signal: (signal.start, signal.end))]


def claim_item(*, moderator: User, item_id: int, now: datetime) -> QueueItem:
    """Of several who claim at once, one gets it; claiming again what is one's own changes nothing. Raises
    QueueItem.DoesNotExist or Refused."""
    return patiently(lambda: _claim(moderator, item_id, now), repeatable=True)


def _claim(moderator: User, item_id: int, now: datetime) -> QueueItem:
    with write():
        open_items = QueueItem.objects.filter(pk=item_id, state=State.OPEN).exclude(author=moderator)
        open_items.update(state=State.CLAIMED, claimed_by=moderator, claimed_at=now)
        item = access_item(item_id)
    if item.author_id == moderator.pk:
        raise Refused("own-words", "Somebody else has to judge what you wrote.")
    if item.state == State.RESOLVED:
        raise Refused("already-resolved", "This has been resolved already.")
    if item.claimed_by_id != moderator.pk:
        raise Refused("already-claimed", "Another moderator is looking at this.")
    return item


def resolve_item(*, moderator: User, item_id: int, verdict: Verdict, reason: str, now: datetime) -> QueueItem:
    """By whoever claimed it, once. Raises QueueItem.DoesNotExist or Refused."""
    return patiently(lambda: _resolve(moderator, item_id, verdict, reason, now))


def _resolve(moderator: User, item_id: int, verdict: Verdict, reason: str, now: datetime) -> QueueItem:
    with write():
        claimed = QueueItem.objects.filter(pk=item_id, state=State.CLAIMED, claimed_by=moderator)
        resolved = claimed.update(
            state=State.RESOLVED, verdict=verdict, reason=reason, resolved_by=moderator, resolved_at=now
        )
        item = access_item(item_id)
    if resolved:
        return item
    if item.state == State.RESOLVED:
        raise Refused("already-resolved", "This has been resolved already.")
    raise Refused("not-claimed", "Claim it first, so that nobody else looks at it too.")
