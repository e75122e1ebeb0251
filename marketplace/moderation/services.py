"""Decides about a text that is about to be written, and adds flagged texts to the queue."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from decisions import Subject, decide_on_record
from decisions.models import DecisionRecord
from detectors.signal import Findings, Signal
from engine import Decision
from marketplace.accounts.models import User
from marketplace.moderation.detection import Examined
from marketplace.moderation.facts import Mode, earlier_insults, moderation_facts
from marketplace.moderation.keeping import Place, keep_blocked
from marketplace.moderation.models import Insult, Kind, QueueItem
from marketplace.moderation.queries import support_of
from marketplace.moderation.thread import Thread

POLICY: Final = "moderation_profiles"
PASSING: Final = frozenset({"allow", "flag"})
QUEUED: Final = frozenset({"queue_review", "hold", "show_support"})
SIGNALS_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Moderated:
    """The decision about a text. If the text passes, it is stored with this `item`, if any."""

    decision: Decision
    item: QueueItem | None

    @property
    def passes(self) -> bool:
        return not self.decision.errors and self.decision.outcome in PASSING


def moderate(
    examined: Examined,
    *,
    kind: Kind,
    mode: Mode,
    author: User,
    thread: Thread,
    now: datetime,
    place: Place | None = None,
) -> Moderated:
    """Call `detection.examine` first, then this in the transaction that writes the text. If the text does not pass, the caller
    writes nothing, commits the record and the sealed text, and raises Denied."""
    findings = examined.findings
    facts = moderation_facts(
        mode=mode, findings=findings, insults=earlier_insults(author=author, thread=thread)
    )
    subject = Subject(kind=thread.kind, id=thread.id, actor_id=author.pk)
    decision, record = decide_on_record(POLICY, facts, now=now, subject=subject)
    moderated = Moderated(decision, None)
    if not moderated.passes:
        keep_blocked(
            examined.text, place or {}, kind=kind, author=author, thread=thread, record=record, now=now
        )
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
        message_shown=decision.message,
        support=support_of(decision) or "",
        urgent=bool(decision.outputs.get("urgent")),
        held="hold" in decision.obligations,
        language=findings.language,
        signals=_kept(findings.signals),
        created_at=decision.evaluated_at,
    )


def _kept(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """The strongest signals, in text order."""
    strongest = sorted(signals, key=lambda signal: -signal.score)[:SIGNALS_KEPT]
    return [asdict(signal) for signal in sorted(strongest, key=lambda signal: (signal.start, signal.end))]
