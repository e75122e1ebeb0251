"""The text of every bundle that decided on record is stored, once, and gives the same bundle again."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from decisions import Subject, bundles, decide, texts, trial, triggers
from decisions.models import DecisionRecord, PolicyBundle, PolicyDocument
from decisions.texts import TextUnavailable, load_text
from engine.version import VERSION
from tests.decisions.entry import ENTRY

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SUBJECT = Subject(kind="lamp", id=7, actor_id=3)
FACTS = {"member": True, "name": "Eve"}

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def forgotten():
    texts.forget_texts()
    yield
    texts.forget_texts()


def record():
    return decide("entry", FACTS, now=NOW, subject=SUBJECT, record=True)


def test_text_of_a_decision_is_stored_once_however_often_it_decides():
    for _ in range(3):
        decision = record()
    stored = PolicyBundle.objects.get()
    assert (stored.digest, stored.engine) == (decision.digest, VERSION)
    assert DecisionRecord.objects.latest("pk").engine == VERSION
    assert PolicyDocument.objects.get(sha256=stored.documents["entry.yaml"]).text == ENTRY


def test_changed_file_adds_one_document(policies):
    record()
    before = PolicyDocument.objects.count()
    (policies / "entry.yaml").write_text(ENTRY.replace("Come in.", "Welcome."))
    bundles.reload()
    record()
    assert (PolicyBundle.objects.count(), PolicyDocument.objects.count()) == (2, before + 1)


def test_stored_text_gives_the_bundle_again(policies):
    decision = record()
    (policies / "entry.yaml").unlink()
    bundles.reload()
    assert bundles.in_force().digest != decision.digest
    again = load_text(decision.digest)
    assert again.digest == decision.digest
    assert again.decide("entry", FACTS, now=NOW) == decision


def test_text_that_was_rolled_back_is_stored_by_the_next_decision():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record()
        raise ZeroDivisionError
    assert not PolicyBundle.objects.exists()
    record()
    assert PolicyBundle.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rolled_back_transaction_is_not_remembered(django_assert_num_queries):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record()
        raise ZeroDivisionError
    with transaction.atomic():
        record()
    # begin, the key of the private fact, the record, its sealed facts, commit
    with django_assert_num_queries(5), transaction.atomic():
        record()
    assert PolicyBundle.objects.count() == 1


def test_two_processes_that_store_it_at_once_leave_one():
    """Both have looked, and found nothing."""
    record()
    texts._store(bundles.in_force())
    assert PolicyBundle.objects.count() == 1


@pytest.mark.parametrize("table", ["decisions_policybundle", "decisions_policydocument"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_text_never_changes_and_never_goes(table, statement):
    record()
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_altered_text_is_named():
    decision = record()
    triggers.lift()
    PolicyDocument.objects.filter(text=ENTRY).update(text=ENTRY.replace("then: allow", "then: deny"))
    with pytest.raises(TextUnavailable, match=r"`entry\.yaml` is missing or has been altered"):
        load_text(decision.digest)


def test_trial_decides_nothing_on_record():
    policy = "moderation_profiles"
    with bundles.pinned(trial.adjusted(policy, {}, now=NOW)), pytest.raises(ValueError, match="has no text"):
        decide(policy, {}, now=NOW, subject=SUBJECT, record=True)
