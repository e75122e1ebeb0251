"""Recorded decisions are made again from the stored text and facts, and what differs is named."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from decisions import Subject, bundles, decide_on_record, replay, triggers
from decisions.models import DecisionRecord, PolicyDocument, ReplayRun, SealedFacts
from decisions.replay import Replayed, replay_nightly, replay_problem, replay_these
from decisions.sealing import drop_pseudonym_key, key_of, seal
from tests.decisions.entry import ENTRY

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


def record(facts=None, *, policy="entry", actor_id=3, now=NOW):
    facts = {"member": True, "name": "Eve"} if facts is None else facts
    with transaction.atomic():
        _, row = decide_on_record(policy, facts, now=now, subject=Subject("lamp", 7, actor_id))
    return row


def verdicts(*rows, **options):
    return [(result.verdict, result.said) for result in replay_these([row.pk for row in rows], **options)]


def test_decision_is_made_again_from_what_is_stored_alone(policies):
    rows = [record(), record({"member": False, "name": "Bob"})]
    (policies / "entry.yaml").write_text(ENTRY.replace("when: member", 'when: name == "Bob"'))
    bundles.reload()
    assert verdicts(*rows) == [("same", ""), ("same", "")]


FACTS_OF_ALL_TYPES = """\
policy: types
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: Every type of fact and output.
facts:
  score: double
  cost: {decimal: 2}
  at: timestamp?
  lasted: duration
  tags: {list: string}
  seller: {record: {id: string, level: int}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: cheap, when: cost < 10.00 && score < 1e290, then: allow, message: Cheap.}
otherwise: {id: dear, then: deny, message: Dear.}
outputs:
  cost_again: {type: {decimal: 2}, value: cost}
  at_again: {type: "timestamp?", value: at}
  lasted_again: {type: duration, value: lasted}
"""


@pytest.mark.parametrize("score", [1e300, -0.0, 5e-324, 0.1, 3])
def test_facts_of_every_type_come_back_exactly(policies, score):
    (policies / "types.yaml").write_text(FACTS_OF_ALL_TYPES)
    bundles.reload()
    row = record(
        {
            "score": score,
            "cost": "9.99",
            "at": NOW.replace(microsecond=1),
            "lasted": timedelta(days=1, microseconds=1),
            "tags": ("é", "𝄞"),
            "seller": {"id": "s", "level": 2**53},
        },
        policy="types",
    )
    assert row.outcome == ("deny" if score == 1e300 else "allow")
    assert verdicts(row) == [("same", "")]
    stored = DecisionRecord.objects.get(pk=row.pk).facts["score"]
    assert (repr(stored), type(stored)) == (repr(score), type(score))


def test_invalid_facts_give_the_same_error_again():
    rows = [
        record({"name": "Eve"}),
        record({"member": "yes", "name": "Eve"}),
        record({"member": None, "name": 7}),
    ]
    assert verdicts(*rows) == [("same", "")] * 3


def test_fact_of_a_type_that_json_does_not_have_is_told():
    row = record({"member": NOW.replace(tzinfo=None), "name": "Eve"})
    assert verdicts(row) == [("not-replayable", "a fact had a type that JSON does not have")]


def test_erased_person_is_told_and_others_are_replayed():
    mine, other = record(), record(actor_id=4)
    drop_pseudonym_key(user_id=3)
    assert verdicts(mine, other) == [("not-replayable", "erased"), ("same", "")]


@pytest.mark.parametrize("private", [{"facts": {"name": "Bob"}}, {}, {"facts": {"name": "Eve", "more": 1}}])
def test_other_sealed_facts_than_the_recorded_ones_are_named(private):
    """As whoever can write to the database could make them: under the right key, for the right record."""
    row = record()
    SealedFacts.objects.filter(record_id=row.pk).delete()
    seal(private, key=key_of(3), record_id=row.pk, actor_id=3).save(force_insert=True)
    assert verdicts(row) == [("differs", "its sealed facts are not those that were recorded")]


def test_sealed_facts_that_do_not_open_are_told():
    row = record()
    sealed = bytearray(SealedFacts.objects.get(record_id=row.pk).sealed)
    sealed[-1] ^= 1
    SealedFacts.objects.filter(record_id=row.pk).delete()
    SealedFacts.objects.create(record_id=row.pk, actor_id=3, sealed=bytes(sealed))
    assert verdicts(row) == [("not-replayable", "its sealed facts were altered, or sealed before an erasure")]


def test_what_differs_is_named(monkeypatch):
    row = record()
    plant_a_change(monkeypatch)
    assert verdicts(row) == [("differs", "rule `members` is now `strangers`")]


def plant_a_change(monkeypatch):
    """An engine that names another rule."""
    from engine import Bundle

    honest = Bundle.decide
    monkeypatch.setattr(Bundle, "decide", lambda *a, **k: honest(*a, **k)._replace(rule="strangers"))


def test_nightly_replay_degrades_until_a_later_one_finds_nothing(monkeypatch):
    row = record()
    assert replay_nightly(now=NOW) == 1
    assert replay_problem() is None
    with monkeypatch.context() as planted:
        plant_a_change(planted)
        assert replay_nightly(now=NOW + timedelta(hours=1)) == 0
        assert replay_nightly(now=NOW + timedelta(days=1)) == 1
    said = f"1 recorded decision is decided otherwise now; the first is {row.pk}: rule `members` is now `strangers`"
    assert replay_problem() == said
    monkeypatch.setattr(replay, "sample", lambda *_, **__: set())
    assert replay_nightly(now=NOW + timedelta(days=2)) == 1, "what differed is replayed again"
    assert replay_problem() is None
    assert ReplayRun.objects.count() == 3


def test_other_policies_are_compared_by_what_they_do(policies, tmp_path, capsys):
    row = record()
    (policies / "entry.yaml").write_text(
        ENTRY.replace("Come in.", "Welcome.").replace("id: members", "id: all")
    )
    call_command("policy", "replay", str(row.pk), "--against", str(policies))
    assert capsys.readouterr().out == "1 same\n"
    (policies / "entry.yaml").write_text(ENTRY.replace("when: member", "when: '!member'"))
    call_command("policy", "replay", "--since", "2026-01-01T00:00:00Z", "--against", str(policies))
    assert capsys.readouterr().out == f"record {row.pk}: differs: outcome `allow` is now `deny`\n1 differs\n"


def test_command_replays_one_and_fails_if_it_differs(monkeypatch, capsys):
    row = record()
    call_command("policy", "replay", str(row.pk))
    assert capsys.readouterr().out == "1 same\n"
    with pytest.raises(CommandError, match="there is no record 999999"):
        call_command("policy", "replay", "999999")
    plant_a_change(monkeypatch)
    with pytest.raises(CommandError, match="not what was recorded: 1 decision"):
        call_command("policy", "replay", "--sample", "10")
    assert replay_problem() is not None


def test_record_from_before_says_what_it_lacks():
    row = record()
    old = {"policy": "entry", "version": 1, "rule": "members", "outcome": "allow", "subject_kind": "lamp"}
    old |= {"duration_us": 1, "decided_at": NOW, "actor_id": 3}
    unknown = DecisionRecord.objects.create(**old, digest="sha256:0", facts={"member": True})
    unsealed = DecisionRecord.objects.create(**old, digest=row.digest, facts=row.facts)
    assert verdicts(unknown, unsealed) == [
        ("not-replayable", "the text of its policies is not stored"),
        ("not-replayable", "its private facts were recorded before they were sealed"),
    ]


def test_altered_text_is_not_replayed():
    row = record()
    triggers.lift()
    PolicyDocument.objects.filter(text=ENTRY).update(text=ENTRY.replace("Come in.", "Go away."))
    [result] = replay_these([row.pk])
    assert result == Replayed(
        row.pk, "not-replayable", "the stored text of `entry.yaml` is missing or has been altered"
    )
