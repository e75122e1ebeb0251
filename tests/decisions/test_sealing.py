"""Private facts in records: pseudonyms that compare, and sealed values that can be read until the person is erased."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from decisions import Subject, bundles, decide_on_record
from decisions.models import DecisionRecord, PseudonymKey, SealedFacts
from decisions.sealing import Erased, Unopened, drop_pseudonym_key, unseal
from tests.database_files import read_database_files
from tests.decisions.entry import ENTRY

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
CANARY = "zqcanary"

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


def record(name=CANARY, *, actor_id=3):
    subject = Subject(kind="lamp", id=7, actor_id=actor_id)
    with transaction.atomic():
        _, row = decide_on_record("entry", {"member": True, "name": name}, now=NOW, subject=subject)
    return row


def test_private_fact_is_stored_as_a_pseudonym_and_sealed():
    eve, again, bob = record("Eve"), record("Eve"), record("Bob")
    assert eve.facts["name"] == again.facts["name"] != bob.facts["name"]
    assert [unseal(row.pk) for row in (eve, bob)] == [{"facts": {"name": n}} for n in ("Eve", "Bob")]


def test_sealed_facts_are_unreadable_in_every_table():
    record()
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert CANARY not in repr([[_bytes(value) for value in row] for row in cursor.fetchall()])


def _bytes(value):
    return bytes(value) if isinstance(value, memoryview) else value


def test_output_that_reveals_a_private_fact_is_private_too(policies):
    revealing = "outputs:\n  shout: {type: string, value: name}\n  coming: {type: bool, value: member}\n"
    (policies / "entry.yaml").write_text(ENTRY + revealing)
    bundles.reload()
    row = record()
    assert row.answer["outputs"]["coming"] is True
    assert row.answer["outputs"]["shout"].startswith("pseudonym:")
    assert unseal(row.pk) == {"facts": {"name": CANARY}, "outputs": {"shout": CANARY}}


def test_erasure_makes_them_unreadable_and_leaves_those_of_others():
    mine, other = record(actor_id=3), record(actor_id=4)
    drop_pseudonym_key(user_id=3)
    with pytest.raises(Erased):
        unseal(mine.pk)
    assert unseal(other.pk) == {"facts": {"name": CANARY}}


def test_key_of_a_decision_after_the_erasure_opens_nothing_from_before():
    """The row of a person whose sealed facts came back with a backup, and who was recorded again."""
    mine = record()
    sealed = SealedFacts.objects.get()
    drop_pseudonym_key(user_id=3)
    record("later")
    SealedFacts.objects.create(record_id=mine.pk, actor_id=3, sealed=sealed.sealed)
    with pytest.raises(Unopened):
        unseal(mine.pk)


def test_sealed_facts_are_bound_to_their_record():
    first, second = record("Eve"), record("Bob")
    moved = SealedFacts.objects.get(record_id=first.pk).sealed
    SealedFacts.objects.filter(record_id=second.pk).delete()
    SealedFacts.objects.create(record_id=second.pk, actor_id=3, sealed=moved)
    with pytest.raises(Unopened):
        unseal(second.pk)


def test_sealed_facts_are_not_changed():
    record()
    with pytest.raises(IntegrityError, match="append-only"):
        SealedFacts.objects.update(actor_id=4)


def test_facts_of_nobody_are_not_sealed():
    row = record(actor_id=None)
    assert row.facts["name"].startswith("pseudonym:")
    assert not SealedFacts.objects.exists()
    assert not PseudonymKey.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite  # PostgreSQL frees the place at its next vacuum
def test_dropped_keys_are_in_no_file_of_the_database():
    for person in range(300):  # enough for keys to move between pages
        record(actor_id=person)
    keys = list(PseudonymKey.objects.values_list("actor_id", "key"))
    gone = [(person, key) for person, key in keys if person % 3 == 0]
    for person, _ in gone:
        drop_pseudonym_key(user_id=person)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bytes_ = read_database_files()
    assert [person for person, key in gone if key.encode() in bytes_] == []
    assert all(key.encode() in bytes_ for person, key in keys if person % 3)


def test_record_says_all_that_was_decided():
    row = DecisionRecord.objects.get(pk=record().pk)
    assert row.reason == "members"
    assert row.answer == {
        "errors": [],
        "matched": ["members"],
        "message": "Come in.",
        "obligations": [],
        "outputs": {},
    }
