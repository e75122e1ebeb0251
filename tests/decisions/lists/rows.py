"""Two tables with a column of every kind, made for one test, with values at and beyond every boundary."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import F, OuterRef, Q

from decisions.lists import Id, Part, Rows

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Sample(models.Model):
    owner = models.IntegerField()
    kind = models.CharField(max_length=10)
    note = models.CharField(max_length=80, null=True)
    flag = models.BooleanField(null=True)
    open = models.BooleanField()
    amount = models.BigIntegerField(null=True)
    count = models.IntegerField()
    score = models.FloatField(null=True)
    began_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "lists_of_tests"
        managed = False
        db_table = "comity_sample"


class SampleItem(models.Model):
    sample = models.ForeignKey(Sample, on_delete=models.DO_NOTHING)
    owner = models.IntegerField()
    kind = models.CharField(max_length=10)
    amount = models.BigIntegerField(null=True)

    class Meta:
        app_label = "lists_of_tests"
        managed = False
        db_table = "comity_sample_item"


FACTS: Mapping[str, Any] = {
    "owner": Id("owner"),
    "kind": F("kind"),
    "note": F("note"),
    "flag": F("flag"),
    "open": F("open"),
    "many": Q(count__gte=5),
    "amount": F("amount"),
    "count": F("count"),
    "score": F("score"),
    "began_at": F("began_at"),
    "closed_at": F("closed_at"),
    "items": Rows(
        (
            Part(
                SampleItem.objects.filter(sample=OuterRef("pk")),
                {"owner": Id("owner"), "kind": F("kind"), "amount": F("amount")},
            ),
        )
    ),
}


def facts_of(sample: Sample, items: list[SampleItem]) -> dict[str, Any]:
    """What a service would pass to `decide`."""
    return {
        "owner": str(sample.owner),
        "kind": sample.kind,
        "note": sample.note,
        "flag": sample.flag,
        "open": sample.open,
        "many": sample.count >= 5,
        "amount": sample.amount,
        "count": sample.count,
        "score": sample.score,
        "began_at": sample.began_at,
        "closed_at": sample.closed_at,
        "items": [{"owner": str(item.owner), "kind": item.kind, "amount": item.amount} for item in items],
    }


def make_rows(number: int, draw: random.Random) -> None:
    moments = [
        None,
        NOW - timedelta(days=90),
        NOW - timedelta(days=90) + TICK,
        NOW - timedelta(days=90) - TICK,
        NOW,
        NOW + TICK,
        NOW - timedelta(days=7),
        datetime(2026, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
        datetime(1999, 3, 28, 1, 30, tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(2201, 1, 1, tzinfo=UTC),
    ]
    amounts = [None, 0, 1, 99, 100, 101, -5, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1]
    samples = [
        Sample(
            owner=draw.randint(1, 5),
            kind=draw.choice(["plain", "plain", "gold", "gold", "rotten"]),
            note=draw.choice([None, "", "x", "ünïcode", "y" * 60, "y" * 61]),
            flag=draw.choice([None, True, False]),
            open=draw.choice([True, False]),
            amount=draw.choice(amounts[:7] if draw.random() < 0.9 else amounts),
            count=draw.randint(-1, 12),
            score=draw.choice([None, 0.1, 0.5, 0.5000001, 1.0]),
            began_at=draw.choice(moments[1:] if draw.random() < 0.95 else moments),
            closed_at=draw.choice(moments[:10] if draw.random() < 0.9 else moments),
        )
        for _ in range(number)
    ]
    Sample.objects.bulk_create(samples, batch_size=1_000)
    items = [
        SampleItem(
            sample_id=sample_id,
            owner=draw.randint(1, 5),
            kind=draw.choice(["plain", "gold", "rotten"] if draw.random() < 0.05 else ["plain", "gold"]),
            amount=draw.choice(amounts[:7]),
        )
        for sample_id in Sample.objects.values_list("pk", flat=True)
        for _ in range(draw.choice([0, 0, 1, 2, 3, 6]))
    ]
    SampleItem.objects.bulk_create(items, batch_size=1_000)
    with connection.cursor() as cursor:  # nothing else analyzes a temporary table
        for model in (Sample, SampleItem):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


@contextmanager
def tables() -> Iterator[None]:
    key = (
        "bigserial PRIMARY KEY" if connection.vendor == "postgresql" else "integer PRIMARY KEY AUTOINCREMENT"
    )
    with connection.cursor() as cursor:
        for model in (Sample, SampleItem):
            columns = ", ".join(
                f'"{f.column}" {f.db_type(connection)}'
                for f in model._meta.concrete_fields
                if not f.primary_key
            )
            cursor.execute(f'CREATE TEMPORARY TABLE {model._meta.db_table} ("id" {key}, {columns})')
        # As for any foreign key of Django. Without it, a question about items reads all of them for each row.
        cursor.execute(f"CREATE INDEX comity_sample_items ON {SampleItem._meta.db_table} (sample_id)")
        try:
            yield
        finally:
            for model in (Sample, SampleItem):
                cursor.execute(f"DROP TABLE {model._meta.db_table}")
