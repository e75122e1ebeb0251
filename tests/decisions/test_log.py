"""The log of decisions: sealed in order, verified, pruned; whatever is done to it is found."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from decisions import Subject, chain, decide_on_record, triggers
from decisions.chain import seal_log
from decisions.models import DecisionRecord, LogCheckpoint, LogHead, SealedFacts
from decisions.outside import read_last_head
from decisions.pruning import prune_log
from decisions.signing import own_public_key, sign_head, write_new_key
from decisions.verifying import verify_log
from tests.conftest import SIZE
from tests.decisions.log import fill

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TIMES = 100 if SIZE == "full" else 2

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def kept(tmp_path, settings):
    """A signing key, and a file that heads are kept in."""
    write_new_key(tmp_path / "log.key")
    settings.COMITY_LOG_KEY = tmp_path / "log.key"
    settings.COMITY_LOG_HEADS = str(tmp_path / "heads")
    return tmp_path / "heads"


def seal_three():
    for count in (5, 7, 4):
        fill(count)
        assert seal_log(now=NOW) == count


def found(kept=None, **options):
    options = {"key": own_public_key(), "outside": read_last_head(kept) if kept else None} | options
    return verify_log(**options).problems


def test_honest_log_verifies(kept):
    seal_three()
    fill(2)
    read = []
    verified = verify_log(key=own_public_key(), outside=read_last_head(kept), step=read.append)
    assert (verified.problems, verified.count, verified.open, verified.unprotected) == ([], 16, 2, 2)
    assert sum(read) == 16
    assert [json.loads(line)["count"] for line in kept.read_text().splitlines()] == [5, 12, 16]


def test_sealing_in_other_portions_gives_the_same_links(monkeypatch):
    fill(9)
    monkeypatch.setattr(chain, "CHUNK", 2)
    monkeypatch.setattr(chain, "MOST", 5)
    assert seal_log(now=NOW) == 9
    assert list(LogHead.objects.order_by("number").values_list("count", flat=True)) == [5, 9]
    assert found() == []
    monkeypatch.setattr(chain, "CHUNK", 4)
    assert found() == []


def pick(draw):
    return draw.choice(list(DecisionRecord.objects.order_by("pk")))


def alter(draw):
    row = pick(draw)
    change = draw.choice(
        [
            {"outcome": "other"},
            {"facts": row.facts | {"member": "?"}},
            {"answer": None},
            {"decided_at": row.decided_at + timedelta(microseconds=1)},
            {"actor_id": 99},
            {"reason": "because"},
        ]
    )
    DecisionRecord.objects.filter(pk=row.pk).update(**change)


def drop(draw):
    DecisionRecord.objects.filter(pk=pick(draw).pk).delete()


def reorder(draw):
    """Two records swap their ids."""
    first, second = draw.sample(list(DecisionRecord.objects.order_by("pk")), 2)
    for old, new in ((first.pk, -1), (second.pk, first.pk), (-1, second.pk)):
        DecisionRecord.objects.filter(pk=old).update(id=new)


def swap_bodies(draw):
    first, second = draw.sample(list(DecisionRecord.objects.order_by("pk")), 2)
    for mine, other in ((first, second), (second, first)):
        DecisionRecord.objects.filter(pk=mine.pk).update(facts=other.facts, answer=other.answer)


def insert(draw):
    """Where no id was given out."""
    row = pick(draw)
    row.pk = draw.choice([0, -1, -(2**63)])
    row.save(force_insert=True)


def sign_with_another_key(draw):
    """Altered, chained again, and signed by somebody who does not have the key."""
    alter(draw)
    position = chain.Position()
    for head in LogHead.objects.order_by("number"):
        position = chain.follow(position, head.upto)
        head.link = position.link
        sign_head(head)
        LogHead.objects.filter(pk=head.pk).update(link=head.link, key=head.key, signature=head.signature)


def cut(draw):
    """The last records, with the heads that cover them."""
    heads = list(LogHead.objects.order_by("number"))
    left = draw.randrange(len(heads))
    LogHead.objects.filter(number__gt=left).delete()
    DecisionRecord.objects.filter(pk__gt=heads[left - 1].upto if left else 0).delete()


def another(value):
    """A value of the same column."""
    match value:
        case None:
            return NOW
        case datetime():
            return value + timedelta(microseconds=1)
        case dict():
            return value | {"member": "?"}
        case str():
            return f"0{value}"[:60]
    return value + 7


@pytest.mark.parametrize("model", [DecisionRecord, LogHead, LogCheckpoint])
def test_change_of_any_column_is_found(model, kept):
    """Except for when a head was sent, which is no part of it."""
    seal_three()
    if model is LogCheckpoint:
        head = LogHead.objects.order_by("number").first()
        checkpoint = LogCheckpoint(
            number=head.number, upto=head.upto, count=head.count, link=head.link, made_at=NOW
        )
        sign_head(checkpoint)
        checkpoint.save()
    triggers.lift()
    assert found(kept) == []
    row = model.objects.order_by("pk")[0]
    for name in {field.attname for field in model._meta.concrete_fields} - {"id", "sent_at"}:
        before = getattr(row, name)
        changed = 99 if name == "actor_id" else another(before)
        model.objects.filter(pk=row.pk).update(**{name: changed})
        assert found(kept) != [], name
        model.objects.filter(pk=row.pk).update(**{name: before})
    assert found(kept) == []


@pytest.mark.parametrize("attack", [alter, drop, reorder, insert, swap_bodies, sign_with_another_key, cut])
def test_attack_is_found(attack, kept, settings, tmp_path):
    seal_three()
    outside, key = read_last_head(kept), own_public_key()
    triggers.lift()
    if attack is sign_with_another_key:
        write_new_key(tmp_path / "other.key")
        settings.COMITY_LOG_KEY = tmp_path / "other.key"
    unnoticed = []
    for seed in range(TIMES):
        try:
            with transaction.atomic():
                attack(random.Random(seed))
                if not verify_log(key=key, outside=outside).problems:
                    unnoticed.append(seed)
                raise Undo
        except Undo:
            pass
    assert unnoticed == []
    assert verify_log(key=key, outside=outside).problems == []


class Undo(Exception):
    """Rolls an attack back."""


def test_cut_is_not_found_without_a_head_kept_outside(capsys):
    """The naive twin of the attack: why heads are kept outside, and that the command says so."""
    seal_three()
    triggers.lift()
    cut(random.Random(1))
    assert found() == []
    call_command("policy", "verify-log")
    assert "without a head kept outside" in capsys.readouterr().out


def test_two_sealers_at_once_do_not_fork(monkeypatch):
    """The second has read the same last head as the first."""
    fill(5)
    honest = chain.follow

    def meanwhile(*arguments, **options):
        monkeypatch.setattr(chain, "follow", honest)
        assert seal_log(now=NOW) == 5
        return honest(*arguments, **options)

    monkeypatch.setattr(chain, "follow", meanwhile)
    assert seal_log(now=NOW) == 0
    assert (LogHead.objects.count(), found()) == (1, [])


def test_heads_change_only_by_being_sent():
    seal_three()
    with pytest.raises(IntegrityError, match="a head is only sent"), transaction.atomic():
        LogHead.objects.update(count=1)
    with pytest.raises(IntegrityError, match="append-only"):
        LogHead.objects.all().delete()


def test_head_that_could_not_be_sent_is_sent_later(kept, settings, tmp_path):
    settings.COMITY_LOG_HEADS = str(tmp_path / "missing" / "heads")
    seal_three()
    assert not LogHead.objects.exclude(sent_at=None).exists()
    settings.COMITY_LOG_HEADS = str(kept)
    assert seal_log(now=NOW) == 0
    assert read_last_head(kept)["number"] == 3
    assert seal_log(now=NOW) == 0
    assert len(kept.read_text().splitlines()) == 1


def test_only_what_a_checkpoint_covers_is_deleted(kept):
    fill(6, at=NOW - timedelta(days=3651))
    assert seal_log(now=NOW) == 6
    fill(3)
    assert seal_log(now=NOW) == 3
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DecisionRecord.objects.order_by("pk").first().delete()

    call_command("policy", "prune")
    assert (DecisionRecord.objects.count(), LogCheckpoint.objects.count()) == (9, 0)
    call_command("policy", "prune", "--confirm")
    call_command("policy", "prune", "--confirm")

    assert (DecisionRecord.objects.count(), LogCheckpoint.objects.get().count) == (3, 6)
    assert found(kept) == []
    with pytest.raises(IntegrityError, match="append-only"):
        DecisionRecord.objects.order_by("pk").first().delete()


def test_record_that_is_kept_stops_the_pruning():
    fill(2, at=NOW - timedelta(days=3651))
    seal_log(now=NOW)
    fill(2, at=NOW)
    fill(2, at=NOW - timedelta(days=3651))
    seal_log(now=NOW)
    call_command("policy", "prune", "--confirm")
    assert DecisionRecord.objects.count() == 4


def test_altered_log_is_not_pruned():
    fill(3, at=NOW - timedelta(days=3651))
    seal_log(now=NOW)
    triggers.lift()
    DecisionRecord.objects.filter(pk=DecisionRecord.objects.first().pk).update(rule="other")
    with pytest.raises(CommandError, match="are not those that it sealed"):
        call_command("policy", "prune", "--confirm")
    assert DecisionRecord.objects.count() == 3


def test_forged_checkpoint_is_found():
    """Somebody without the key lets themselves delete, and says that the log begins later."""
    seal_three()
    head = LogHead.objects.order_by("number")[1]
    LogCheckpoint.objects.create(
        number=head.number, upto=head.upto, count=head.count, link=head.link, made_at=NOW
    )
    DecisionRecord.objects.filter(pk__lte=head.upto).delete()
    assert found() == [f"the checkpoint at head {head.number} is not signed"]


def test_pruning_takes_the_sealed_facts_along():
    with transaction.atomic():
        facts = {"member": True, "name": "Eve"}
        decide_on_record("entry", facts, now=NOW - timedelta(days=300), subject=Subject("lamp", 7, 3))
    seal_log(now=NOW)
    assert SealedFacts.objects.count() == 1
    assert prune_log(now=NOW + timedelta(days=3650)).deleted == 1
    assert not SealedFacts.objects.exists()


def test_unsigned_log_says_so(settings, capsys):
    settings.COMITY_LOG_KEY = None
    seal_three()
    call_command("policy", "verify-log")
    assert "nothing is signed: set COMITY_LOG_KEY" in capsys.readouterr().out


def test_command_says_what_is_not_protected(kept, capsys):
    seal_three()
    fill(2)
    call_command("policy", "verify-log", "--head", str(kept))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "16 records sealed, 2 not yet"
    assert lines[-1] == "2 records newer than the head kept outside could be cut off unnoticed"
    (kept.parent / "empty").write_text("")
    with pytest.raises(CommandError, match="is not a head of the log"):
        call_command("policy", "verify-log", "--head", str(kept.parent / "empty"))


def test_key_is_readable_by_its_owner_only_and_not_overwritten(tmp_path, capsys):
    call_command("policy", "new-key", str(tmp_path / "mine"))
    assert capsys.readouterr().out.startswith("-----BEGIN PUBLIC KEY-----")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="file exists"):
        call_command("policy", "new-key", str(tmp_path / "mine"))


def test_memory_does_not_grow_with_the_log(monkeypatch):
    """No page is larger than the chunk."""
    fill(25)
    monkeypatch.setattr(chain, "CHUNK", 4)
    seal_log(now=NOW)
    pages = []
    verify_log(key=own_public_key(), step=pages.append)
    assert (max(pages), sum(pages)) == (4, 25)
