"""Versions of sets, what detectors find in their texts, and who reads the texts."""

from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.erasure import erase_account
from marketplace.chats.services import send_message
from marketplace.moderation.keeping import forget_blocked_texts
from marketplace.moderation.models import BlockedText
from marketplace.tuning.models import Finding, LabelledSet, SampleText, Source
from marketplace.tuning.sets import (
    DetectorsFail,
    NoSuchSet,
    examine_again,
    find_set,
    read_sample,
    samples_of,
    texts_of,
)
from tests.marketplace.factories import LATER, NOW
from tests.marketplace.moderation.words import Version, Words, with_a_problem
from tests.marketplace.tuning.conftest import LINES, load

pytestmark = pytest.mark.django_db


def test_set_is_found_by_its_name_and_version(labelled):
    assert find_set("texts") == find_set("texts", 1) == labelled
    with pytest.raises(NoSuchSet, match="the set `texts` has no version 2: its newest is 1"):
        find_set("texts", 2)
    with pytest.raises(NoSuchSet, match="there is no set `other`; choose among `texts`"):
        find_set("other")


def test_use_freezes_a_version_once(labelled):
    samples_of(labelled)
    frozen = LabelledSet.objects.get().frozen_at
    assert frozen is not None and labelled.frozen_at == frozen
    samples_of(find_set("texts"))
    assert LabelledSet.objects.get().frozen_at == frozen


def test_newer_detectors_examine_what_they_have_not_seen(labelled):
    before = samples_of(labelled)
    newer = Words(detectors=(Version(version="words.2"),), unavailable=("threat",))
    assert (examine_again(labelled, newer, now=LATER), examine_again(labelled, newer, now=LATER)) == (3, 0)
    after = samples_of(labelled)
    assert [sample.unavailable for sample in after] == [("threat",)] * 3
    assert [sample.labels for sample in after] == [sample.labels for sample in before]
    assert Finding.objects.count() == 6
    with pytest.raises(DetectorsFail):
        examine_again(labelled, Words(troubles=with_a_problem().troubles, detectors=()), now=LATER)


def test_every_rule_counts_once_with_its_highest_score(db):
    load("text,labels\ninsult:0.5 insult:0.7 insult:0.7+reported insult:0.6,insult\n")
    [sample] = samples_of(find_set("texts"))
    assert [(s.score, s.reported) for s in sample.signals] == [(0.7, False), (0.7, True)]


def test_moderators_read_imported_texts_on_record_and_nobody_else(labelled, max_, bea):
    number = SampleText.objects.get(reference="2").pk
    assert read_sample(moderator=max_, number=number, now=NOW) == "a fair price, I think"
    with pytest.raises(Denied):
        read_sample(moderator=bea, number=number, now=NOW)
    kept = DecisionRecord.objects.filter(policy="moderation_queue").order_by("pk")
    assert list(kept.values_list("rule", "subject_kind", "subject_id", "actor_id")) == [
        ("read-allowed", "sample", number, max_.pk),
        ("moderators-only", "sample", number, bea.pk),
    ]


@pytest.fixture
def samples(order, bea, monkeypatch) -> dict[str, SampleText]:
    """A message that nobody flagged, and a blocked one, both drawn for a blind sample."""
    monkeypatch.setattr("marketplace.tuning.sets.lot_of", lambda *_: 0.0)
    message = send_message(author=bea, chat_id=order.chat_id, text="Is it oak?", now=NOW)
    with pytest.raises(Denied):
        send_message(author=bea, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    places = {"chat_message": message.pk, "blocked_text": BlockedText.objects.get().pk}
    LabelledSet.objects.create(name="texts", version=1, made_at=NOW)
    fields = {
        "name": "texts",
        "since": 1,
        "source": Source.BLIND,
        "mode": "normal",
        "author": bea,
        "wanted": 1,
    }
    return {
        kind: SampleText.objects.create(**fields, kind=kind, text_id=number)
        for kind, number in places.items()
    }


def test_texts_of_people_are_read_where_they_stand(samples, max_):
    read = [read_sample(moderator=max_, number=each.pk, now=LATER) for each in samples.values()]
    assert (
        read == [text for _, text in texts_of(find_set("texts"), now=LATER)] == ["Is it oak?", "threat:0.99"]
    )
    rules = DecisionRecord.objects.filter(policy="moderation_queue", actor_id=max_.pk).order_by("pk")
    assert list(rules.values_list("rule", flat=True)) == ["read-sampled", "read-allowed"]


def test_text_that_is_gone_leaves_only_numbers(samples, bea, max_, settings):
    forget_blocked_texts(now=NOW + timedelta(days=14))
    assert read_sample(moderator=max_, number=samples["blocked_text"].pk, now=LATER) is None
    erase_account(user_id=bea.pk, now=LATER)
    assert read_sample(moderator=max_, number=samples["chat_message"].pk, now=LATER) is None
    assert list(texts_of(find_set("texts"), now=LATER)) == []


def test_queries_do_not_grow_with_the_set(labelled, django_assert_num_queries):
    load(LINES + "".join(f"x,,{n}\n" for n in range(4, 100)))
    with django_assert_num_queries(9):
        assert len(samples_of(find_set("texts"))) == 99
