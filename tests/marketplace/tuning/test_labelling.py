"""Moderators label the blind sample: once each, not their own words, and the second label changes nothing."""

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.tuning.agreement import agreement_on
from marketplace.tuning.labelling import label_sample, next_to_label, skip_sample, to_label
from marketplace.tuning.models import LabelledSet, SampleText, Source
from marketplace.tuning.sets import find_set, lot_of, samples_of
from tests.marketplace.factories import LATER, NOW, make_user

pytestmark = pytest.mark.django_db


def numbers(below: float, least: float = 0.0) -> list[int]:
    """Texts whose lot is below a share."""
    return [n for n in range(1, 5_000) if least <= lot_of("texts", ("chat_message", n)) < below]


@pytest.fixture
def sample(bea) -> SampleText:
    """To be labelled twice."""
    LabelledSet.objects.create(name="texts", version=1, made_at=NOW)
    return make_sample(bea, numbers(0.002)[0], wanted=2)


def make_sample(author, text_id: int, wanted: int) -> SampleText:
    place = {"kind": "chat_message", "text_id": text_id, "author": author, "wanted": wanted}
    sample = SampleText.objects.create(name="texts", since=1, source=Source.BLIND, mode="normal", **place)
    sample.findings.create(detectors="1", language="english", signals=[], unavailable=[], at=NOW)
    return sample


def label(moderator, sample, *categories, now=LATER):
    return label_sample(moderator=moderator, number=sample.pk, categories=categories, now=now)


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def test_first_label_counts_and_the_second_changes_nothing(sample, max_, mia):
    assert label(max_, sample, "spam", "hate").counts
    before = samples_of(find_set("texts"))
    assert [sorted(each.labels) for each in before] == [["hate", "spam"]]
    second = label(mia, sample)
    assert (second.counts, second.since) == (False, 2)
    assert samples_of(find_set("texts")) == before
    whole, *by_category = agreement_on(find_set("texts"))
    assert (whole.texts, whole.same, whole.alpha) == (1, 0, 0.0)
    assert {each.about for each in by_category if not each.same} == {"hate", "spam"}
    assert agreement_on(find_set("texts", 1))[0].texts == 0


def test_nobody_labels_twice_or_their_own_words_and_two_labels_are_enough(sample, max_, mia, bea):
    bea.role = Role.MODERATOR
    assert denial(lambda: label(bea, sample)) == "own-words"
    label(max_, sample, "spam")
    assert denial(lambda: label(max_, sample)) == "labelled-before"
    label(mia, sample)
    assert denial(lambda: label(mia, sample)) == "labelled-before"
    assert denial(lambda: label(make_user("mo", Role.MODERATOR), sample)) == "already-resolved"
    assert denial(lambda: label(make_user("pia", Role.POLICY_OWNER), sample)) == "moderators-only"
    assert sample.labels.count() == 2


def test_smaller_sample_is_not_labelled(sample, max_, bea):
    far = make_sample(bea, numbers(0.5, least=0.1)[0], wanted=1)
    assert denial(lambda: label(max_, far)) == "not-drawn"


def test_page_offers_what_still_wants_a_label_of_this_moderator(sample, max_, mia, bea):
    once = make_sample(bea, numbers(0.01, least=0.002)[0], wanted=1)
    judged = make_sample(bea, numbers(0.01, least=0.002)[1], wanted=0)
    waiting = {who: set(to_label(who).values_list("pk", flat=True)) for who in (max_, mia, bea)}
    assert waiting == {max_: {sample.pk, once.pk}, mia: {sample.pk, once.pk}, bea: set()}
    label(max_, sample)
    label(max_, once)
    assert next_to_label(max_) is None and next_to_label(mia) == sample.pk
    skip_sample(sample.pk)
    assert next_to_label(mia) is None
    with pytest.raises(SampleText.DoesNotExist):
        label(mia, judged)


def test_every_label_is_a_recorded_decision(sample, max_):
    label(max_, sample, "spam")
    record = DecisionRecord.objects.get(policy="moderation_queue")
    assert (record.rule, record.subject_kind, record.subject_id, record.facts["cause"]) == (
        "first-label",
        "sample",
        sample.pk,
        "sampled",
    )
