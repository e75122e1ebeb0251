"""Appeals against what became of a text, and the rulings on them.

Each function is one transaction: facts from the locked rows, the decision of `appeals` and its record, then the decision's guards
again as constraints, conditional UPDATEs and triggers. Lock order: queue item, blocked text, appeal, then the thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import BigIntegerField, Q, QuerySet

from decisions import Denied, Subject, decide, decide_on_record, foresee
from decisions.models import DecisionRecord
from engine import Decision
from marketplace.accounts.models import User
from marketplace.desk.delivering import deliver_kept
from marketplace.errors import Refused
from marketplace.flagged_texts import flagged_texts
from marketplace.guards import Guard
from marketplace.moderation.appeals import Ruling, close_appeal, settle_blocked, settle_item, verdict_on_text
from marketplace.moderation.facts import AppealFate, appeal_facts
from marketplace.moderation.models import (
    Appeal,
    AppealState,
    AppealVerdict,
    BlockedText,
    Fate,
    Ground,
    KeptFor,
    QueueItem,
    Report,
    State,
)
from marketplace.moderation.queries import access_appeal, appeal_reasons, in_words, ruled_before
from marketplace.moderation.services import POLICY as PROFILES
from marketplace.parties import access_decision
from marketplace.transactions import patiently, write

POLICY: Final = "appeals"
CHANGED: Final = "This appeal was closed meanwhile, or you have a part in it."
ONE_APPEAL = Guard(
    constraints=frozenset({"one_appeal_per_decision", "moderation_appeal_report_id_key"}),
    columns=frozenset({
        "moderation_appeal.appellant_id, moderation_appeal.decision_id",
        "moderation_appeal.report_id",
    }),
    code="appealed-before",
    message="You have appealed against this already.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Matter:
    """A text and what became of it. Without an item or a blocked text there is nothing to appeal against."""

    fate: AppealFate
    author_id: int
    decided_at: datetime
    record: DecisionRecord
    item: QueueItem | None = None
    blocked: BlockedText | None = None
    report: Report | None = None


def appeal_decision(*, appellant: User, decision_id: int, because: Ground, now: datetime) -> Appeal:
    """By the author of the text that this decision blocked, held or removed. Raises DecisionRecord.DoesNotExist, Refused, or
    Denied after the record of the refusal is committed."""
    return patiently(
        lambda: _appeal(lambda: _about_decision(appellant, decision_id, now, True), appellant, because, now),
        guard=ONE_APPEAL,
    )


def appeal_report(*, appellant: User, report_id: int, because: Ground, now: datetime) -> Appeal:
    """By whoever reported a text that a moderator left up. Raises Report.DoesNotExist, Refused, or Denied after the record of
    the refusal is committed."""
    return patiently(
        lambda: _appeal(lambda: _about_report(appellant, report_id, True), appellant, because, now),
        guard=ONE_APPEAL,
    )


def foresee_appeal(*, appellant: User, decision_id: int, now: datetime) -> Decision:
    """What the policy would say to an appeal against this decision. It decides again, on record, when they appeal. Raises
    DecisionRecord.DoesNotExist."""
    return foresee(POLICY, _facts(_about_decision(appellant, decision_id, now, False), appellant), now=now)


def foresee_appeal_of_report(*, appellant: User, report_id: int, now: datetime) -> Decision:
    """The same for an appeal against the ruling that left the reported text up. Raises Report.DoesNotExist."""
    return foresee(POLICY, _facts(_about_report(appellant, report_id, False), appellant), now=now)


def rule_on_appeal(
    *,
    moderator: User,
    appeal_id: int,
    verdict: AppealVerdict,
    now: datetime,
    because: str = "",
    reason: str = "",
) -> Appeal:
    """By a moderator who has not ruled about the text before, once. `because` is the code of a reason that the policy lists for
    what the verdict says about the text; `reason` has the moderator's own words, and one of them is given. Granted, the text is
    delivered or restored, or for a reporter removed. Raises Appeal.DoesNotExist, Refused, or Denied after the record of the
    refusal is committed."""
    return patiently(lambda: _rule(moderator, appeal_id, verdict, because, reason, now))


def _appeal(find: Callable[[], _Matter], appellant: User, because: Ground, now: datetime) -> Appeal:
    with write():
        matter = find()
        facts = _facts(matter, appellant)
        subject = Subject(kind="decision", id=matter.record.pk, actor_id=appellant.pk)
        decision = decide(POLICY, facts, now=now, subject=subject, record=True, superset=True)
        if decision.permits:
            return _open(matter, appellant, because, now)
    raise Denied(decision)


def _facts(matter: _Matter, appellant: User) -> dict[str, object]:
    return appeal_facts(
        "appeal",
        actor=appellant,
        author_id=matter.author_id,
        reporter_id=matter.report.reporter_id if matter.report else None,
        fate=matter.fate,
        decided_at=matter.decided_at,
        done_before=Appeal.objects.filter(appellant=appellant, decision=matter.record).exists(),
    )


def _open(matter: _Matter, appellant: User, because: Ground, now: datetime) -> Appeal:
    text = matter.blocked or matter.item
    if text is None:
        raise Refused("nothing-to-appeal", "There is nothing here that you can appeal against.")
    if matter.blocked is not None:
        BlockedText.objects.filter(pk=matter.blocked.pk).update(kept_for=KeptFor.APPEAL)
    return Appeal.objects.create(
        appellant=appellant,
        author_id=matter.author_id,
        kind=text.kind,
        thread_kind=text.thread_kind,
        thread_id=text.thread_id,
        decision=matter.record,
        item=matter.item,
        report=matter.report,
        decided_at=matter.decided_at,
        because=because,
        opened_at=now,
    )


def _about_decision(author: User, decision_id: int, now: datetime, locked: bool) -> _Matter:
    if decision_id > BigIntegerField.MAX_BIGINT:  # no database can compare it
        raise DecisionRecord.DoesNotExist
    named = Q(decision=decision_id) | Q(ruling_id=decision_id)
    item = _items(locked).filter(named, author=author).first()
    first_id = item.decision_id if item else decision_id
    texts = BlockedText.objects.kept(now).filter(author=author, decision=first_id)
    blocked = (texts.select_for_update(no_key=True) if locked else texts).first()
    if item is None and blocked is None:
        record = access_decision(author, decision_id)
        is_gone = record.policy == PROFILES and record.actor_id == author.pk and record.outcome == "block"
        return _Matter("gone" if is_gone else "other", author.pk, record.decided_at, record)
    record = DecisionRecord.objects.get(pk=first_id)
    decided_at = _decided_at(item) if item else record.decided_at
    return _Matter(_fate(item, blocked), author.pk, decided_at, record, item, blocked)


def _about_report(reporter: User, report_id: int, locked: bool) -> _Matter:
    report = Report.objects.get(pk=report_id, reporter=reporter)
    item = _items(locked).get(pk=report.item_id)
    record = DecisionRecord.objects.get(pk=item.decision_id)
    decided_at = max(_decided_at(item), report.at)
    return _Matter(_fate(item, None), item.author_id, decided_at, record, item, report=report)


def _items(locked: bool) -> QuerySet[QueueItem]:
    items = QueueItem.objects.all()
    return items.select_for_update(no_key=True) if locked else items


def _fate(item: QueueItem | None, blocked: BlockedText | None) -> AppealFate:
    if blocked is not None:
        return "blocked"
    if item is None or flagged_texts([item])[item.pk].subject_id is None:
        return "gone"
    if item.fate == Fate.DELIVERED:
        return "stands" if item.verdict else "waiting"
    return "held" if item.fate == Fate.HELD else "removed"


def _decided_at(item: QueueItem) -> datetime:
    """When the latest decision was made about the text."""
    changed = Appeal.objects.filter(item=item, state=AppealState.OVERTURNED).order_by("-ruled_at").first()
    latest = changed.ruled_at if changed else item.resolved_at
    return latest or item.created_at


def _rule(
    moderator: User, appeal_id: int, verdict: AppealVerdict, because: str, note: str, now: datetime
) -> Appeal:
    with write():
        known = Appeal.objects.get(pk=appeal_id)
        items = QueueItem.objects.select_for_update(no_key=True)
        item = None if known.item_id is None else items.get(pk=known.item_id)
        texts = BlockedText.objects.select_for_update(no_key=True)
        blocked = texts.filter(decision=known.decision_id).first()
        appeal = Appeal.objects.select_for_update(no_key=True).get(pk=appeal_id)
        fate = _fate(item, blocked)
        facts = ruling_facts(appeal, item, moderator=moderator, fate=fate, verdict=verdict, because=because)
        subject = Subject(kind="appeal", id=appeal.pk, actor_id=moderator.pk)
        decision, record = decide_on_record(POLICY, facts, now=now, subject=subject)
        if decision.permits:
            listed = appeal_reasons(decided_at=appeal.decided_at, now=now)
            reason = in_words(listed, verdict_on_text(appeal, verdict), because, note)
            ruling = Ruling(moderator, reason, record.pk, now)
            if not close_appeal(appeal, ruling, verdict=verdict):
                raise Refused("appeal-changed", CHANGED)
            _carry_out(appeal, ruling, item, blocked, verdict=verdict)
            return access_appeal(appeal.pk)
    raise Denied(decision)


def ruling_facts(
    appeal: Appeal,
    item: QueueItem | None,
    *,
    moderator: User,
    fate: AppealFate,
    verdict: AppealVerdict,
    because: str = "",
) -> dict[str, object]:
    return appeal_facts(
        "rule",
        actor=moderator,
        author_id=appeal.author_id,
        reporter_id=appeal.appellant_id if appeal.report_id else None,
        fate=fate,
        decided_at=appeal.decided_at,
        ruled=appeal.state != AppealState.OPEN,
        ruled_by=ruled_before(appeal),
        claimed_by=item.claimed_by_id if item and item.state == State.CLAIMED else None,
        verdict=verdict,
        because=because,
    )


def _carry_out(
    appeal: Appeal,
    ruling: Ruling,
    item: QueueItem | None,
    blocked: BlockedText | None,
    *,
    verdict: AppealVerdict,
) -> None:
    if item is not None:
        settle_item(item, ruling, verdict=verdict_on_text(appeal, verdict))
    if blocked is not None:
        granted = verdict == AppealVerdict.OVERTURN
        settle_blocked(blocked, granted=granted, now=ruling.now)
        if granted:
            delivered = deliver_kept(blocked, item, now=ruling.now)
            Appeal.objects.filter(pk=appeal.pk).update(delivered=delivered)
