"""Counting a month reads that month, however long the log and the queue are."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from decisions.models import DecisionRecord
from marketplace.chats.models import Chat
from marketplace.desk.months import count_month
from marketplace.moderation.models import Appeal, QueueItem, Report
from tests.growth import check_growth, plans
from tests.marketplace.factories import NOW, make_product

pytestmark = pytest.mark.django_db
EARLIER = datetime(2024, 3, 5, tzinfo=UTC)
ROWS = 20


@pytest.fixture
def grow(bea, sam, max_, mia):
    """Every table that is counted has four times as many rows, all outside of the month."""

    def grown() -> None:
        for _ in range(4 * ROWS if DecisionRecord.objects.exists() else ROWS):
            at = EARLIER + timedelta(days=DecisionRecord.objects.count() % 20)
            chat = Chat.objects.create(
                product=make_product(sam), buyer=bea, seller=sam, locked_at=at, locked_seq=0
            )
            record = DecisionRecord.objects.create(
                policy="moderation_profiles", version=1, digest="sha256:0", subject_kind="chat", subject_id=chat.pk, facts={},
                rule="blocked[normal/spam]", outcome="block", duration_us=1, actor_id=bea.pk, decided_at=at,
            )  # fmt: skip
            where = {"kind": "chat_message", "thread_kind": "chat", "thread_id": chat.pk, "author": bea}
            item = QueueItem.objects.create(
                decision=record, flagged_for="flagged", message_shown="Sent.", urgent=False, held=True, language="english",
                signals=[], created_at=at, state="resolved", claimed_by=max_, claimed_at=at, verdict="uphold", reason="Seen.",
                resolved_by=max_, resolved_at=at, **where,
            )  # fmt: skip
            Report.objects.create(
                reporter=sam,
                kind="chat_message",
                text_id=record.pk,
                author=bea,
                item=item,
                because="spam",
                at=at,
            )
            Appeal.objects.create(
                appellant=bea, decision=record, item=item, decided_at=at, because="misread", opened_at=at, state="overturned",
                ruled_by=mia, ruled_at=at, reason="Read.", **where,
            )  # fmt: skip

    grown()
    return grown


def test_other_months_cost_nothing(grow):
    def count() -> None:
        count_month(NOW.year, NOW.month)

    if connection.vendor == "sqlite":
        check_growth(count, grow, "")
        return
    with plans() as found:
        count()
    for model in (DecisionRecord, QueueItem, Report, Appeal, Chat):
        table = model._meta.db_table
        assert any(table in plan for plan in found), table
        assert [plan for plan in found if f"Seq Scan on {table}" in plan] == []


def test_the_month_itself_is_counted(grow):
    counted = count_month(EARLIER.year, EARLIER.month)
    assert (counted.holds, counted.removals, counted.removals_after_report, counted.locks) == (ROWS,) * 4
    assert (counted.reports, counted.appeals["overturned"]) == ({"spam": ROWS}, ROWS)
    [refused] = counted.refusals
    assert (refused.rule, refused.count) == ("blocked[normal/spam]", ROWS)
