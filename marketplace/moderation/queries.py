"""The queue and the appeals for moderators, and the moderation status shown to readers of a text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from decisions import bundles
from engine import Decision
from engine.expression.values import duration_words
from engine.policy.model import Parameter
from marketplace.accounts.models import User
from marketplace.moderation.models import REPORTED, Appeal, Fate, QueueItem, Report, State, Strike, Verdict

LATELY: Final = 1_000
"""Rulings on alike texts are looked for among this many of the newest."""
ALIKE: Final = 5
COMPARED: Final = 50
VERDICTS: Final[Mapping[str, Verdict]] = {
    "uphold": Verdict.UPHOLD,
    "overturn": Verdict.OVERTURN,
    "breaks_a_rule": Verdict.UPHOLD,
    "breaks_none": Verdict.OVERTURN,
}
"""How the tables of reasons name a verdict about a text."""
ReportState = Literal["open", "removed", "left"]


@dataclass(frozen=True, slots=True)
class ModerationStatus:
    """The moderation status of a text as its reader sees it. Only the author gets more than the state. `decision_id` names the
    decision that holds or removed it, for a statement of reasons and an appeal."""

    state: Fate
    reason: str | None = None
    message: str | None = None
    support: str | None = None
    decision_id: int | None = None


def moderation_status(item: QueueItem | None, *, own: bool) -> ModerationStatus:
    """The policy's message is shown until a moderator has ruled; then only the reason for a removal is. Nobody is told of a
    report that no moderator has looked at."""
    if item is None or not own or (item.flagged_for == REPORTED and not item.verdict):
        return ModerationStatus(item.fate if item else Fate.DELIVERED)
    fate = item.fate
    return ModerationStatus(
        fate,
        None if item.standing == Verdict.OVERTURN else item.flagged_for,
        None if item.verdict else item.message_shown,
        item.support or None,
        {Fate.REMOVED: item.ruling_id, Fate.HELD: item.decision_id}.get(fate),
    )


def delivered() -> Q:
    """Of rows with a `queue_item`, those visible to others than the author: `QueueItem.fate` in SQL."""
    never_flagged = Q(queue_item=None)
    let_through = Q(queue_item__held=False, queue_item__verdict="")
    return never_flagged | let_through | overturned("queue_item")


def overturned(prefix: str) -> Q:
    """Of rows with an item at `prefix`, those whose flag was wrong: `QueueItem.standing` in SQL."""
    first, final = f"{prefix}__verdict", f"{prefix}__final_verdict"
    return Q(**{final: Verdict.OVERTURN}) | Q(**{first: Verdict.OVERTURN, final: ""})


def support_of(decision: Decision) -> str | None:
    """The policy's support text, if it wants one shown, whatever the outcome."""
    return decision.outputs.get("support") if "show_support" in decision.obligations else None


def queue(state: str | None = None) -> QuerySet[QueueItem]:
    items = QueueItem.objects.select_related("decision")
    return items.filter(state=state) if state else items


def access_item(item_id: int) -> QueueItem:
    """Raises QueueItem.DoesNotExist."""
    return QueueItem.objects.select_related("decision").get(pk=item_id)


@dataclass(frozen=True, slots=True)
class RulingReason:
    """`verdict` is about the text: `uphold` if it breaks a rule. `code` is what the policy decides by, `says` what is kept."""

    verdict: Verdict
    code: str
    says: str


def ruling_reasons(*, now: datetime) -> list[RulingReason]:
    """For rulings in the queue, in the order of the policy. Empty if the policy in force lists none."""
    return _reasons("moderation_queue", now, "verdict")


def appeal_reasons(*, decided_at: datetime, now: datetime) -> list[RulingReason]:
    """For a ruling on an appeal, by the version of `appeals` that decides about it."""
    return _reasons("appeals", min(decided_at, now), "text")


def _reasons(policy: str, at: datetime, column: str) -> list[RulingReason]:
    listed = _parameter(policy, "ruling_reasons", at)
    if listed is None or listed.table is None:
        return []
    names = [name for name, _ in listed.table.columns]
    rows = [dict(zip(names, map(str, row), strict=True)) for row in listed.table.rows]
    return [RulingReason(VERDICTS[row[column]], row["because"], row["says"]) for row in rows]


def in_words(reasons: Iterable[RulingReason], verdict: Verdict, because: str, note: str) -> str:
    """The reason as it is kept: what the policy says for the code, and the note. The code itself, if there is neither."""
    listed = {(each.verdict, each.code): each.says for each in reasons}
    return " ".join(filter(None, (listed.get((verdict, because), ""), note))) or because


def rulings_on(author_id: int) -> QuerySet[QueueItem]:
    """On what one person wrote, the newest first."""
    resolved = QueueItem.objects.filter(author_id=author_id, state=State.RESOLVED)
    return resolved.select_related("decision").order_by("-pk")


def alike_rulings(item: QueueItem) -> Sequence[QueueItem]:
    """On texts of others in which a category was found that was found in this one, or if nothing was, that were flagged for the
    same reason; the most alike first. One query."""
    newest = QueueItem.objects.filter(state=State.RESOLVED).order_by("-pk").values("pk")[:LATELY]
    alike = Q(flagged_for=item.flagged_for) if not item.signals else Q()
    for category in _found(item, "category"):
        alike |= Q(found__contains=f'"category": "{category}"')
    same = QueueItem.objects.annotate(found=Cast("signals", TextField())).filter(alike, pk__in=newest)
    others = list(same.exclude(author=item.author_id).select_related("decision").order_by("-pk")[:COMPARED])
    return sorted(others, key=lambda other: -_likeness(item, other))[:ALIKE]


def _likeness(one: QueueItem, other: QueueItem) -> float:
    """Rules of detectors that both have count twice as much as categories."""
    return 2 * _overlap(one, other, "rule") + _overlap(one, other, "category")


def _overlap(one: QueueItem, other: QueueItem, name: str) -> float:
    """The share that both have; texts in which nothing was found are alike."""
    here, there = _found(one, name), _found(other, name)
    return len(here & there) / len(here | there) if here | there else 1.0


def _found(item: QueueItem, name: str) -> set[str]:
    return {signal[name] for signal in item.signals}


def standing_strikes(author_id: int) -> QuerySet[Strike]:
    """The newest first."""
    return Strike.objects.filter(author_id=author_id, taken_back_at=None).order_by("-at", "-pk")


def reading_reasons(*, now: datetime) -> list[str]:
    """The reasons for which the policy in force lets a moderator read a text that nobody brought up."""
    listed = _parameter("moderation_queue", "reading_reasons", now)
    return [str(each) for each in listed.value] if listed and isinstance(listed.value, tuple) else []


def claim_lasts(*, now: datetime) -> str:
    """How long a claim is its claimer's alone, in words; empty if the policy in force does not say."""
    said = _parameter("moderation_queue", "claim_lasts", now)
    return duration_words(said.value) if said and isinstance(said.value, int) else ""


def _parameter(policy: str, name: str, at: datetime) -> Parameter | None:
    """Of the version in force at a moment; None if it has none of this name."""
    return bundles.current().version_at(policy, at).validated.policy.parameters.get(name)


def appeals(state: str | None = None) -> QuerySet[Appeal]:
    """For moderators, oldest first."""
    found = Appeal.objects.select_related("item", "decision", "report").order_by("pk")
    return found.filter(state=state) if state else found


def access_appeal(appeal_id: int) -> Appeal:
    """Raises Appeal.DoesNotExist."""
    return appeals().get(pk=appeal_id)


def appeals_of(appellant: User) -> QuerySet[Appeal]:
    return Appeal.objects.filter(appellant=appellant).order_by("pk")


def reports_of(reporter: User) -> QuerySet[Report]:
    return Report.objects.filter(reporter=reporter).select_related("item").order_by("pk")


def state_of_report(report: Report) -> ReportState:
    """What its reporter may know: whether a moderator has ruled, and what has become of the text."""
    item = report.item
    return "removed" if item.fate == Fate.REMOVED else "left" if item.verdict else "open"


def ruled_before(appeal: Appeal) -> set[int]:
    """The moderators who have ruled about the text of this appeal."""
    if appeal.item_id is None:
        return set()
    about = Appeal.objects.filter(item=appeal.item_id).exclude(pk=appeal.pk).exclude(ruled_by=None)
    first = QueueItem.objects.filter(pk=appeal.item_id).exclude(resolved_by=None)
    return {
        *about.values_list("ruled_by", flat=True),
        *first.values_list("resolved_by", flat=True),
    }
