"""Listing decision records costs the same for any table size."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from decisions import admin as lists
from decisions.models import DecisionRecord
from tests.growth import check_growth
from tests.sampling import sample

LIST = reverse("admin:decisions_decisionrecord_changelist")
NAMES = ("chat", "retention", "disputes", "confirmation")


def fill(first: int, count: int) -> None:
    DecisionRecord.objects.bulk_create(
        DecisionRecord(
            policy=NAMES[i % len(NAMES)],
            version=1,
            digest="sha256:0",
            outcome="keep" if i % 3 else "delete",
            rule="some-rule",
            subject_kind="product",
            subject_id=i,
            facts={},
            duration_us=1,
            request_id=f"request-{i}",
            decided_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        for i in range(first, first + count)
    )


def shown(client: Any, query: str) -> list[int]:
    return [record.subject_id for record in client.get(LIST + query).context["cl"].result_list]


@pytest.mark.parametrize(
    "query",
    sample(
        [
            "",
            "?p=2",
            "?policy=retention&outcome=delete",
            "?policy=retention",
            "?q=77",
            "?policy=gone",
            "?q=nothing",
            "?q=request-77",
            "?o=5.-2",
            "?policy=retention&outcome=none",
        ],
        every=5,
    ),
)
def test_list_costs_the_same_however_many_records_there_are(admin_client, monkeypatch, query):
    monkeypatch.setattr(lists, "MOST_LISTED", 30)
    monkeypatch.setattr(lists.DecisionRecordAdmin, "list_per_page", 20)
    fill(0, 600)
    check_growth(lambda: admin_client.get(LIST + query), lambda: fill(600, 1_800), "decisions_decisionrecord")


def test_newest_come_first_whatever_is_asked_for(admin_client):
    fill(0, 10)
    assert shown(admin_client, "") == shown(admin_client, "?o=5.-2") == list(reversed(range(10)))


def test_policies_and_their_outcomes_can_be_chosen(admin_client):
    fill(0, 24)
    expected = [i for i in reversed(range(24)) if NAMES[i % 4] == "retention"]
    assert shown(admin_client, "?policy=retention") == expected
    assert shown(admin_client, "?policy=retention&outcome=delete") == [i for i in expected if i % 3 == 0]
    html = admin_client.get(LIST + "?policy=retention").text
    assert "?outcome=delete&amp;policy=retention" in html
    assert "outcome=" not in admin_client.get(LIST).text


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("7", [7]),
        (" 7 ", [7]),
        ("request-7", [7]),
        ("REQUEST-7", []),
        ("request", []),
        ("9" * 30, []),
        ("٧", []),
        ("", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_search_finds_a_subject_or_a_request(admin_client, term, expected):
    fill(0, 10)
    assert shown(admin_client, f"?q={term}") == expected


def test_list_ends_at_its_bound_and_says_so(admin_client, monkeypatch):
    monkeypatch.setattr(lists, "MOST_LISTED", 150)
    fill(0, 160)
    response = admin_client.get(LIST + "?p=2")
    assert [len(response.context["cl"].result_list), response.context["cl"].result_count] == [50, 150]
    assert "The newest 150 at most" in response.text


@pytest.mark.parametrize(
    "model",
    [m for m, a in admin.site._registry.items() if isinstance(a, lists.ReadOnlyAdmin)],
    ids=lambda m: m.__name__,
)
def test_no_list_of_services_rows_is_counted_or_read_as_a_whole(
    admin_client, django_assert_max_num_queries, model
):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    with django_assert_max_num_queries(20) as asked:
        assert admin_client.get(reverse(name)).status_code == 200
    of_table = [q["sql"] for q in asked.captured_queries if f'"{model._meta.db_table}"' in q["sql"]]
    assert of_table != []
    whole = [sql for sql in of_table if ("COUNT(" in sql and "LIMIT" not in sql) or "DISTINCT" in sql]
    assert whole == []
