"""decide(): what it asks and records, and that no write happens without its record."""

from datetime import UTC, datetime

import pytest
import structlog
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from decisions import Denied, Subject, bundles, decide, decide_on_record, triggers
from decisions.models import DecisionRecord
from decisions.triggers import Trigger
from engine.expression.values import to_json

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SUBJECT = Subject(kind="lamp", id=7, actor_id=3)
FACTS = {"member": True, "name": "Eve"}

pytestmark = pytest.mark.usefixtures("policies")


def ask(facts=FACTS, *, record=False, superset=False, explain=False):
    return decide("entry", facts, now=NOW, subject=SUBJECT, record=record, superset=superset, explain=explain)


def test_answers_from_the_bundle_in_force():
    decision = ask()
    assert (decision.outcome, decision.rule, decision.permits) == ("allow", "members", True)
    assert decision.digest == bundles.in_force().digest


@pytest.mark.django_db
def test_record_says_what_was_decided_about_whom_and_why():
    with structlog.contextvars.bound_contextvars(request_id="request-1"), transaction.atomic():
        decision = ask(record=True)
    record = DecisionRecord.objects.values().get()
    assert record["duration_us"] < 1_000_000
    expected = {
        "policy": "entry",
        "version": 1,
        "digest": decision.digest,
        "outcome": "allow",
        "rule": "members",
        "subject_kind": "lamp",
        "subject_id": 7,
        "actor_id": 3,
        "request_id": "request-1",
        "decided_at": NOW,
    }
    assert {name: record[name] for name in expected} == expected


@pytest.mark.django_db
def test_record_is_handed_to_whom_a_row_will_point_at_it():
    superset = {**FACTS, "not declared": 1}
    with transaction.atomic():
        decision, record = decide_on_record("entry", superset, now=NOW, subject=SUBJECT)
    assert (decision.outcome, decision.errors) == ("allow", ())
    assert record == DecisionRecord.objects.get(outcome="allow", rule="members", subject_id=7)


@pytest.mark.django_db
def test_private_fact_is_recorded_as_a_pseudonym():
    for name in ("Eve", "Eve", "Bob"):
        ask({"member": True, "name": name}, record=True)
    eve, again, bob = (record.facts["name"] for record in DecisionRecord.objects.order_by("id"))
    assert eve == again != bob
    assert eve.startswith("pseudonym:")
    assert "Eve" not in str(list(DecisionRecord.objects.values()))


@pytest.mark.django_db
def test_record_is_exact_enough_to_decide_again():
    locked_at = datetime(2026, 11, 1, 11, 59, 59, 123456, tzinfo=UTC)
    facts = {"author_id": "7", "buyer_id": "7", "seller_id": "3", "locked_at": locked_at}
    decision = decide("chat", facts, now=NOW, subject=SUBJECT, record=True)
    record = DecisionRecord.objects.get()
    assert record.facts["locked_at"] == "2026-11-01T11:59:59.123456Z"
    assert bundles.in_force().decide("chat", record.facts, now=record.decided_at) == decision


@pytest.mark.django_db
def test_undeclared_fact_of_a_superset_is_neither_used_nor_recorded():
    decision = ask({**FACTS, "shoe_size": 44}, record=True, superset=True)
    assert decision.permits
    assert set(DecisionRecord.objects.get().facts) == {"member", "name"}


def test_undeclared_fact_is_reported_without_superset():
    decision = ask({**FACTS, "membr": True})
    assert (decision.outcome, decision.errors[0].path) == ("deny", "membr")


@pytest.mark.django_db
def test_unrecorded_decision_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        ask()


def test_each_decision_is_one_log_event_without_facts():
    with structlog.testing.capture_logs() as logs:
        ask()
    (event,) = (entry for entry in logs if entry["event"] == "decision")
    assert (event["policy"], event["outcome"], event["rule"], event["recorded"]) == (
        "entry@1",
        "allow",
        "members",
        False,
    )
    assert "Eve" not in str(event)


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        ask(record=True)
    assert DecisionRecord.objects.count() == 0


@pytest.mark.django_db
def test_failure_to_record_goes_through_to_the_write():
    table = DecisionRecord._meta.db_table
    triggers.install([Trigger("no_more_records", table, "INSERT", "the disk of records is full")])
    with pytest.raises(IntegrityError, match="the disk of records is full"):
        ask(record=True)


@pytest.mark.django_db
def test_record_and_log_name_the_revision_and_the_moment_that_chose_the_version():
    with structlog.testing.capture_logs() as logs:
        ask(record=True)
    record = DecisionRecord.objects.get()
    assert (record.version, record.revision, record.in_force_at, record.decided_at) == (1, 0, NOW, NOW)
    (event,) = (entry for entry in logs if entry["event"] == "decision")
    assert (event["revision"], event["in_force_at"]) == (0, to_json(NOW))


@pytest.mark.django_db
def test_record_of_before_has_no_moment_of_choice_and_is_readable():
    DecisionRecord.objects.create(
        policy="entry", version=1, digest="d", outcome="allow", rule="members", subject_kind="person",
        facts={}, duration_us=1, decided_at=NOW,
    )  # fmt: skip
    record = DecisionRecord.objects.get()
    assert (record.revision, record.in_force_at, str(record)) == (0, None, "entry@1 allow for person None")


def test_explanation_only_when_asked():
    assert ask().explanation is None
    assert ask(explain=True).explanation is not None


def test_denied_says_which_rule():
    denied = Denied(ask({"member": False, "name": "Eve"}))
    assert str(denied) == "entry/strangers: strangers"


def test_denied_names_the_fact_that_does_not_fit_without_its_value():
    facts = {"action": "a secret", "actor_id": "1"}
    decision = decide("confirmation", facts, now=NOW, subject=SUBJECT, record=False)
    assert "a secret" not in decision.message
    assert str(Denied(decision)) == "confirmation/on-error: unknown-value-fact:action"
