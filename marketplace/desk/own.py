"""What people see of their own: decisions about their texts, their reports, and what became of their appeals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar

from django.db.models import Model, Q, QuerySet

from decisions.models import DecisionRecord
from marketplace.accounts.models import User
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.models import (
    Appeal,
    AppealState,
    BlockedText,
    Fate,
    QueueItem,
    Report,
    Verdict,
)
from marketplace.moderation.queries import ReportState, appeals_of, reports_of, state_of_report

PAGE: Final = 20
OwnFate = Literal["blocked", "held", "removed", "delivered"]
Entry = TypeVar("Entry")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text that was blocked, held or removed, even if it was delivered later. `statement_id` names the decision that says why.
    `text` is empty for a blocked one, which is sealed, and for one that is gone."""

    number: int
    kind: str
    at: datetime
    fate: OwnFate
    statement_id: int | None
    text: str
    appeal: Appeal | None


@dataclass(frozen=True, slots=True)
class OwnReport:
    report: Report
    state: ReportState
    appeal: Appeal | None


@dataclass(frozen=True, slots=True)
class OwnAppeal:
    """`statement_id` names the decision that rejected it, or else the one that it is against, if that still restricts."""

    appeal: Appeal
    statement_id: int | None


@dataclass(frozen=True, slots=True)
class OwnPage(Generic[Entry]):
    """`before` is where the next page begins; None if there is none."""

    entries: Sequence[Entry]
    before: int | None


def own_texts(author: User, *, now: datetime, before: int | None = None) -> OwnPage[OwnText]:
    """The newest first. A blocked text is listed as long as it is kept; one that was reported, only after a ruling."""
    restricted = Q(held=True) | Q(verdict=Verdict.UPHOLD) | Q(final_verdict=Verdict.UPHOLD)
    items = _newest(QueueItem.objects.filter(restricted, author=author, blocked=False), before)
    blocked = _newest(BlockedText.objects.kept(now).filter(author=author), before)
    both: list[QueueItem | BlockedText] = [*items, *blocked]
    rows = sorted(both, key=lambda row: -row.decision_id)
    page = _page(rows, [row.decision_id for row in rows])
    own = appeals_of(author).filter(decision_id__in=[row.decision_id for row in page.entries], report=None)
    appeals = {appeal.decision_id: appeal for appeal in own}
    texts = flagged_texts([row for row in page.entries if isinstance(row, QueueItem)])
    return OwnPage(
        [
            _blocked(row, appeals.get(row.decision_id))
            if isinstance(row, BlockedText)
            else _flagged(row, texts[row.pk].text, appeals.get(row.decision_id))
            for row in page.entries
        ],
        page.before,
    )


def own_reports(reporter: User, *, before: int | None = None) -> OwnPage[OwnReport]:
    """The newest first."""
    page = _page_of(reports_of(reporter).select_related("appeal"), before)
    return OwnPage([_reported(report) for report in page.entries], page.before)


def own_appeals(appellant: User, *, before: int | None = None) -> OwnPage[OwnAppeal]:
    """The newest first."""
    page = _page_of(appeals_of(appellant).select_related("item"), before)
    return OwnPage([OwnAppeal(appeal, _statement_about(appeal)) for appeal in page.entries], page.before)


def access_own_report(reporter: User, report_id: int) -> OwnReport:
    """Raises Report.DoesNotExist."""
    return _reported(reports_of(reporter).select_related("appeal").get(pk=report_id))


def own_appeal_about(reader: User, decision_id: int) -> Appeal | None:
    """The reader's appeal against this decision, against the text that it was about, or that it ruled on. Raises
    DecisionRecord.DoesNotExist."""
    kind, number = DecisionRecord.objects.values_list("subject_kind", "subject_id").get(pk=decision_id)
    about = {
        "queue_item": Q(item=number),
        "appeal": Q(pk=number) | Q(item__appeals=number, report=None),
    }.get(kind, Q(decision=decision_id))
    return appeals_of(reader).filter(about).first()


def _newest(rows: QuerySet[Row], before: int | None) -> Iterable[Row]:
    older = rows if before is None else rows.filter(decision_id__lt=before)
    return older.order_by("-decision_id")[: PAGE + 1]


def _page_of(rows: QuerySet[Row], before: int | None) -> OwnPage[Row]:
    older = rows if before is None else rows.filter(pk__lt=before)
    found = list(older.order_by("-pk")[: PAGE + 1])
    return _page(found, [row.pk for row in found])


def _page(found: Sequence[Entry], numbers: Sequence[int]) -> OwnPage[Entry]:
    return OwnPage(found[:PAGE], numbers[PAGE - 1] if len(found) > PAGE else None)


def _statement_about(appeal: Appeal) -> int | None:
    if appeal.state == AppealState.UPHELD:
        return appeal.ruling_id
    if appeal.report_id is not None:
        return None
    return appeal.decision_id if appeal.item is None or appeal.item.blocked else _statement_of(appeal.item)


def _statement_of(item: QueueItem) -> int | None:
    if item.fate == Fate.REMOVED and item.ruling_id is not None:
        return item.ruling_id
    return item.decision_id if item.held else None


def _blocked(row: BlockedText, appeal: Appeal | None) -> OwnText:
    granted = appeal is not None and appeal.state == AppealState.OVERTURNED and appeal.delivered
    fate: OwnFate = "delivered" if granted else "blocked"
    return OwnText(row.decision_id, row.kind, row.blocked_at, fate, row.decision_id, "", appeal)


def _flagged(item: QueueItem, text: str, appeal: Appeal | None) -> OwnText:
    fate: OwnFate = item.fate.value  # type: ignore[assignment]
    return OwnText(item.decision_id, item.kind, item.created_at, fate, _statement_of(item), text, appeal)


def _reported(report: Report) -> OwnReport:
    return OwnReport(report, state_of_report(report), getattr(report, "appeal", None))
