"""What the profiles decided about lately, from the log of decisions and the queue: signals and outcomes, never a text.

Each message, review and dispute message that was judged is on record, whatever became of it, with the facts of its decision.
Texts that were tried out on a page or judged by a command are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from decisions.fields import canonical
from decisions.models import DecisionRecord
from detectors.signal import Findings, Signal
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import mode_of
from marketplace.moderation.models import REPORTED, BlockedText, QueueItem
from marketplace.moderation.services import POLICY
from marketplace.tuning.samples import facts_of, to_hundredths
from marketplace.tuning.thresholds import Grouped, Member, Side, decide

PERIOD: Final = timedelta(days=30)
NEWEST: Final = 20_000
"""The number of decisions that are counted at most, so that a busy log costs the same as a quiet one."""
LISTED: Final = 1_000
"""The number of queue items, and of blocked texts, that are looked at for the lists."""
KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Recorded:
    """Nobody labelled these texts. `is_cut`: older decisions of the period were left out."""

    texts: Grouped
    number: int
    is_cut: bool


@lru_cache(KEPT)
def read_recorded(*, until: datetime) -> Recorded:
    """Of the period before `until`. Kept for the next drawing of the page, which asks about the same moment. One query."""
    records = DecisionRecord.objects.filter(
        policy=POLICY, decided_at__gt=until - PERIOD, decided_at__lte=until
    )
    rows = list(records.order_by("-pk").values_list("facts", "decided_at")[: NEWEST + 1])
    texts, places = Grouped(), dict[tuple[str, datetime | None], int]()
    for facts, decided_at in rows[:NEWEST]:
        rounded = _rounded(facts)
        key = canonical(rounded), decided_at if facts.get("earlier_insults") else None
        if key not in places:
            places[key] = texts.add(rounded, key[1])
        texts.members[places[key]][Member(str(facts.get("mode")), None, False)] += 1
    return Recorded(texts, len(rows[:NEWEST]), len(rows) > NEWEST)


def _rounded(facts: Mapping[str, Any]) -> dict[str, Any]:
    signals = [{**signal, "score": to_hundredths(signal["score"])} for signal in facts.get("signals") or ()]
    return {**facts, "signals": signals}


@dataclass(frozen=True, slots=True)
class Moved:
    """A recorded text that another side gets under the candidate. `was` is what became of it then. Either `item` or `blocked`
    says where a moderator reads it."""

    was: str
    before: Side
    after: Side
    at: datetime
    mode: str
    item: int | None = None
    blocked: int | None = None


def find_moved(
    before: CompiledPolicy, after: CompiledPolicy, *, until: datetime, now: datetime
) -> list[Moved]:
    """Of the texts that were flagged, held, blocked or reported lately, the newest first. Two queries."""
    moved: list[Moved] = []
    period: dict[str, Any] = {"gt": until - PERIOD, "lte": until}
    items = QueueItem.objects.filter(**{f"created_at__{k}": v for k, v in period.items()})
    for item in items.select_related("decision").order_by("-pk")[:LISTED]:
        facts = _facts_of(item)
        sides = decide(before, facts, now=item.created_at), decide(after, facts, now=item.created_at)
        moved.append(Moved(_became(item), *sides, item.created_at, str(facts["mode"]), item=item.pk))
    texts = BlockedText.objects.kept(now).filter(
        decision__queue_item=None, **{f"blocked_at__{k}": v for k, v in period.items()}
    )
    for text in texts.select_related("decision").defer("sealed").order_by("-pk")[:LISTED]:
        facts = text.decision.facts
        sides = decide(before, facts, now=text.blocked_at), decide(after, facts, now=text.blocked_at)
        moved.append(Moved("blocked", *sides, text.blocked_at, str(facts.get("mode")), blocked=text.pk))
    changed = [each for each in moved if each.before != each.after]
    return sorted(changed, key=lambda each: each.at, reverse=True)


def _facts_of(item: QueueItem) -> dict[str, Any]:
    """As the profiles saw the text; of a reported one, which is in the queue for another decision, from what was found."""
    if item.decision.policy == POLICY:
        return dict(item.decision.facts)
    findings = Findings(item.language, tuple(Signal(**signal) for signal in item.signals))  # type: ignore[arg-type]
    return facts_of(mode_of(item.kind), findings)


def _became(item: QueueItem) -> str:
    if item.blocked:
        return "blocked"
    if item.flagged_for == REPORTED:
        return "reported"
    return "held" if item.held else "flagged"
