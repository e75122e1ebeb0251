"""Every page reads with the same number of queries, whatever the number of versions and decisions."""

import pytest
from django.utils import timezone

from decisions import bundles
from decisions.models import DecisionRecord
from tests.conftest import SIZE
from tests.console.test_home import record
from tests.many_rows import allow_long_statements, analyze

VERSIONS, DECISIONS = (40, 100_000) if SIZE == "full" else (3, 60)
QUERIES = {
    "": 9,
    "policies": 2,
    "policies?q=locked": 2,
    "policies/chat": 3,
    "policies/chat?version=2": 3,
    "policies/chat/compare?old=1&new=2": 2,
    "decisions": 3,
    "decisions?policy=chat&outcome=deny": 3,
    "decisions?person=7&rule=open": 3,
    "decisions?since=2026-01-01T00:00&until=2100-01-01T00:00": 3,
    "try": 2,
    "try/chat": 3,
    "changes": 8,
    "changes/publish": 6,
}
"""Of an owner. Two are for the session and the user."""


@pytest.fixture
def seeded(db, policies_dir) -> None:
    path = policies_dir / "chat.yaml"
    first = path.read_text()
    later = [
        first.replace("version: 1\n", f"version: {number}\n", 1).replace(
            "2026-01-01", f"{2100 + number}-01-01", 1
        )
        for number in range(2, VERSIONS + 1)
    ]
    path.write_text("---\n".join([first, *later]))
    assert bundles.reload().problems == ()
    one = record(rule="on-error", outcome="deny")
    one.pk = None
    kinds = [("open", "allow"), ("locked", "deny"), ("on-error", "deny")]
    rows = [
        DecisionRecord(
            policy="chat", version=1, digest=one.digest, subject_kind="chat", subject_id=number, actor_id=number % 100, facts={},
            rule=rule, outcome=outcome, duration_us=1, decided_at=timezone.now(),
        )
        for number in range(DECISIONS)
        for rule, outcome in [kinds[number % len(kinds)]]
    ]  # fmt: skip
    allow_long_statements()
    DecisionRecord.objects.bulk_create(rows, batch_size=500)
    analyze()


def test_pages_cost_as_many_queries_at_any_size(seeded, owner_client, django_assert_num_queries):
    for path, queries in QUERIES.items():
        page = owner_client.get(f"/console/{path}")
        assert page.status_code == 200, path
        with django_assert_num_queries(queries, info=path):
            owner_client.get(f"/console/{path}")
