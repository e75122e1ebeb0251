"""A plan costs a constant number of queries, however many disputes are due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.retention import planning
from marketplace.disputes.retention.planning import count_overdue, make_plan
from marketplace.orders.models import Order
from tests.marketplace.disputes.factories import DAYS_90
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90
QUERIES = 4
"""Doomed files, due disputes, their files, and abandoned uploads."""


def make_due(sale: Order, count: int) -> None:
    """Closed disputes with a file each, all about one sale, which makes no difference for the plan."""
    rows = {"order": sale, "opened_by": sale.buyer, "opened_at": NOW}
    before = set(Dispute.objects.values_list("pk", flat=True))
    for _ in range(count):  # only one open dispute per sale at a time
        dispute = Dispute.objects.create(**rows)
        Media.objects.create(
            dispute=dispute,
            uploader=sale.buyer,
            place=1,
            key=f"e/{dispute.pk}",
            kind="pdf",
            size=1,
            sha256="0" * 64,
            created_at=NOW,
        )
        Dispute.objects.filter(pk=dispute.pk).update(status="closed", closed_at=NOW, retain_until=DUE)
    Media.objects.exclude(dispute__in=before).update(state="live")


@pytest.fixture(autouse=True)
def every_query_counts(monkeypatch) -> None:
    """Django does not capture queries with PostgreSQL's server-side cursors."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)


def queries_of(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


@pytest.mark.parametrize("count", [30, 300])
def test_plan_takes_four_queries(sale, count):
    make_due(sale, count)
    assert queries_of(lambda: make_plan(at=DUE)) == QUERIES
    assert len(make_plan(at=DUE).deleted) == count


def test_each_chunk_costs_one_query_more(sale, monkeypatch):
    """So ten thousand due disputes take fourteen queries."""
    make_due(sale, 30)
    monkeypatch.setattr(planning, "CHUNK", 10)
    assert queries_of(lambda: make_plan(at=DUE)) == QUERIES + 2
    assert len(make_plan(at=DUE).deleted) == 30


@pytest.mark.parametrize("count", [3, 30])
def test_overdue_files_are_counted_in_two_queries(sale, count):
    make_due(sale, count)
    later = DUE + timedelta(hours=25)
    assert queries_of(lambda: count_overdue(later)) == 2
    assert count_overdue(later) == count
    assert count_overdue(later - timedelta(seconds=1)) == 0
