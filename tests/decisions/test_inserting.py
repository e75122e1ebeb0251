"""A row that is inserted with a statement built once is the row that the ORM would have saved."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms.models import model_to_dict

from decisions.inserting import insert
from decisions.models import DecisionRecord, SealedFacts


def a_record() -> DecisionRecord:
    return DecisionRecord(
        policy="entry", version=1, digest="sha256:0", engine="1", outcome="deny", rule="strangers", reason="a 🙂 stranger",
        subject_kind="lamp", subject_id=None, actor_id=2**40, facts={"b": 1e300, "a": [-0.0, None]}, answer=None, duration_us=1,
        request_id="x", decided_at=datetime(2026, 11, 1, 12, 0, 0, 5, tzinfo=UTC), in_force_at=None,
    )  # fmt: skip


def test_inserted_row_reads_like_a_saved_one(db: None) -> None:
    saved, inserted = a_record(), a_record()
    saved.save()
    insert(inserted)
    assert inserted.pk > saved.pk
    assert inserted._state.adding is False
    one, other = (model_to_dict(DecisionRecord.objects.get(pk=row.pk)) for row in (saved, inserted))
    assert one | {"id": 0} == other | {"id": 0}


def test_binary_values_are_kept_and_constraints_hold(db: None) -> None:
    insert(SealedFacts(record_id=1, actor_id=2, sealed=b"\0\xff"))
    assert bytes(SealedFacts.objects.get(record_id=1).sealed) == b"\0\xff"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(SealedFacts(record_id=1, actor_id=3, sealed=b""))


@pytest.mark.sqlite  # which can do without
def test_databases_that_return_nothing_use_the_orm(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    record = a_record()
    insert(record)
    assert DecisionRecord.objects.get() == record
