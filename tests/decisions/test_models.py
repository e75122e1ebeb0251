"""The database keeps decision records append-only."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, models

from decisions.models import DecisionRecord


@pytest.fixture
def record(db) -> DecisionRecord:
    return DecisionRecord.objects.create(
        policy="entry",
        version=1,
        digest="sha256:0",
        outcome="deny",
        rule="strangers",
        subject_kind="lamp",
        facts={},
        duration_us=1,
        decided_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


ATTACKS = {
    "save": lambda record: record.save(),
    "update": lambda record: DecisionRecord.objects.update(outcome="allow"),
    "bulk_update": lambda record: DecisionRecord.objects.bulk_update([record], ["outcome"]),
    "delete": lambda record: record.delete(),
    "raw delete": lambda record: DecisionRecord.objects.all()._raw_delete("default"),
    "sql update": lambda record: execute("UPDATE decisions_decisionrecord SET rule = 'members'"),
    "sql delete": lambda record: execute("DELETE FROM decisions_decisionrecord WHERE id = %s", record.pk),
    "upsert": lambda record: DecisionRecord.objects.bulk_create(
        [record], update_conflicts=True, unique_fields=["id"], update_fields=["outcome"]
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_record_never_changes_and_never_goes(record, attack):
    with pytest.raises(IntegrityError):
        attack(record)


def test_record_is_not_replaced(record):
    replace = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    columns = [field.column for field in DecisionRecord._meta.get_fields() if isinstance(field, models.Field)]
    names = ", ".join(columns)
    with pytest.raises(IntegrityError):
        execute(
            f"{replace} INTO decisions_decisionrecord ({names}) SELECT {names} FROM decisions_decisionrecord"
        )


@pytest.mark.postgresql
def test_table_of_records_is_not_truncated(record):
    with pytest.raises(IntegrityError, match="append-only"):
        execute(
            "TRUNCATE decisions_decisionrecord CASCADE"
        )  # otherwise rows that refer to it would prevent it
