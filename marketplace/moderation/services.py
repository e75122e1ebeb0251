"""Decides about a text that is about to be written; adds flagged texts to the queue, and keeps blocked ones for a while."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from decisions import Subject, decide_on_record
from decisions.models import DecisionRecord
from decisions.recorded import consequences
from detectors.signal import Findings, Signal
from engine import Decision
from marketplace.accounts.models import User
from marketplace.moderation.detection import Examined
from marketplace.moderation.facts import Mode, earlier_insults, moderation_facts
from marketplace.moderation.keeping import Place, keep_blocked
from marketplace.moderation.models import Insult, Kind, QueueItem
from marketplace.moderation.past import past_of
from marketplace.moderation.queries import support_of
from marketplace.moderation.strikes import add_strike, ask_strikes, queue_once, wants_review
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
    past = past_of(author, thread)
    asked = ask_strikes(author=author, thread=thread, now=now) if past.strikes else None
    if asked and asked[0].outcome not in PASSING | {"hold"}:
        return Moderated(asked[0], None)
    findings = examined.findings
    insults = earlier_insults(author=author, thread=thread) if past.insults else []
    facts = moderation_facts(mode=mode, findings=findings, insults=insults)
    subject = Subject(kind=thread.kind, id=thread.id, actor_id=author.pk)
    decision, record = decide_on_record(POLICY, facts, now=now, subject=subject)
    found = _Found(decision, record, findings, kind, author, thread)
    moderated = Moderated(decision, None)
    if not moderated.passes:
        with consequences():
            keep_blocked(
                examined.text, place or {}, kind=kind, author=author, thread=thread, record=record, now=now
            )
            if add_strike(decision, record, findings, author=author, now=now):
                _queue_repeated(found, now)
        return moderated
    item = found.item() if is_queued(decision) else None
    if asked and "hold" in asked[0].obligations and not (item and item.held):
        item = replace(found, decision=asked[0], record=asked[1]).item()
    if item is not None:
        item.support = support_of(decision) or ""
        item.urgent = bool(decision.outputs.get("urgent"))
        item.save(force_insert=True)
    if decision.outputs.get("insulting"):
        Insult.objects.create(
            thread_kind=thread.kind, thread_id=thread.id, author=author, queue_item=item, at=now
        )
    return Moderated(decision, item)


def _queue_repeated(blocked: "_Found", now: datetime) -> None:
    """Repeated blocked texts are looked at by a person: one item per author at a time."""
    if not wants_review(author=blocked.author, now=now):
        return
    asked = ask_strikes(author=blocked.author, thread=blocked.thread, now=now)
    if asked and "queue_review" in asked[0].obligations:
        item = blocked.item()
        item.urgent = item.held = item.blocked = True
        queue_once(item)


@dataclass(frozen=True, slots=True)
class _Found:
    decision: Decision
    record: DecisionRecord
    findings: Findings
    kind: Kind
    author: User
    thread: Thread

    def item(self) -> QueueItem:
        """Not saved yet."""
        return QueueItem(
            kind=self.kind,
            thread_kind=self.thread.kind,
            thread_id=self.thread.id,
            author=self.author,
            decision=self.record,
            flagged_for=self.decision.reason,
            message_shown=self.decision.message,
            held="hold" in self.decision.obligations,
            language=self.findings.language,
            signals=kept_signals(self.findings.signals),
            created_at=self.decision.evaluated_at,
        )


def is_queued(decision: Decision) -> bool:
    return decision.outcome == "flag" or not QUEUED.isdisjoint(decision.obligations)


def kept_signals(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """The strongest signals, in text order."""
    strongest = sorted(signals, key=lambda signal: -signal.score)[:SIGNALS_KEPT]
    return [asdict(signal) for signal in sorted(strongest, key=lambda signal: (signal.start, signal.end))]
