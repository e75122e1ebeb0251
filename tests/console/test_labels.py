"""The page on which moderators label the blind sample."""

import pytest
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.chats.services import blank_messages
from marketplace.tuning.models import Label, LabelledSet, SampleText, Source
from tests.console.forms import form_of

PAGE = "/console/moderation/label"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sample(send, bea, monkeypatch) -> SampleText:
    """A text of Bea that nobody flagged."""
    monkeypatch.setattr("marketplace.tuning.sets.lot_of", lambda *_: 0.0)
    monkeypatch.setattr("marketplace.tuning.labelling.lot_of", lambda *_: 0.0)
    LabelledSet.objects.create(name="texts", version=1, made_at=timezone.now())
    place = {"kind": "chat_message", "text_id": send("Is it <oak>?").pk, "author": bea, "wanted": 2}
    return SampleText.objects.create(name="texts", since=1, source=Source.BLIND, mode="normal", **place)


def test_text_is_shown_on_request_and_then_labelled(moderator_client, moderator, sample):
    page = moderator_client.get(PAGE)
    assert "oak" not in page.text and 'accesskey="s"' in page.text
    assert not DecisionRecord.objects.filter(policy="moderation_queue").exists()
    opened = moderator_client.post(PAGE, form_of(page.text, "open"))
    assert "Is it &lt;oak&gt;?" in opened.text
    assert DecisionRecord.objects.get(policy="moderation_queue").rule == "read-sampled"
    given = {"do": "label", "sample": sample.pk, "category": ["spam", "insult"]}
    done = moderator_client.post(PAGE, given, follow=True)
    assert done.redirect_chain == [(PAGE, 302)] and "Labelled: insult, spam." in done.text
    assert "Nothing waits for your label." in done.text
    label = Label.objects.get()
    assert (label.by, label.categories, label.counts) == (moderator, ["insult", "spam"], True)


def test_second_moderator_is_told_that_nothing_changes(moderator_client, mia_client, sample):
    moderator_client.post(PAGE, {"do": "label", "sample": sample.pk, "category": "spam"})
    done = mia_client.post(PAGE, {"do": "label", "sample": sample.pk, "harmless": "yes"}, follow=True)
    assert "Labelled: harmless. It is compared with the first label" in done.text
    assert list(Label.objects.order_by("pk").values_list("categories", "counts")) == [
        (["spam"], True),
        ([], False),
    ]


@pytest.mark.parametrize(
    "given, problem",
    [
        ({}, "Choose what it is, or say that it is harmless"),
        ({"category": "spam", "harmless": "yes"}, "Choose what it is, or say that it is harmless"),
        ({"category": "odd"}, "Choose among the categories of the list."),
    ],
)
def test_mistake_keeps_the_text_open(given, problem, moderator_client, sample):
    page = moderator_client.post(PAGE, {"do": "label", "sample": sample.pk, **given})
    assert page.status_code == 422 and problem in page.text and "oak" in page.text
    assert not Label.objects.exists()
    if "category" in given:
        assert ("checked" in page.text) == (given["category"] == "spam")


def test_what_waits_for_nobody_is_not_labelled_and_the_next_is_shown(moderator_client, bea, sample):
    for number in ("", "x", "99", str(sample.pk + 1)):
        page = moderator_client.post(PAGE, {"do": "label", "sample": number, "harmless": "yes"})
        assert page.status_code == 422 and "Here is the next one." in page.text
    assert page.context["sample"] == sample and "oak" not in page.text


def test_text_that_is_gone_is_skipped(moderator_client, bea, sample):
    blank_messages(user_id=bea.pk)
    page = moderator_client.post(PAGE, {"do": "open", "sample": sample.pk}, follow=True)
    assert "That text is gone." in page.text and "Nothing waits for your label." in page.text
    sample.refresh_from_db()
    assert sample.wanted == 0


def test_only_moderators_see_it_and_the_queue_links_to_it(moderator_client, owner_client, client, sample):
    assert owner_client.get(PAGE).status_code == 403
    queue = moderator_client.get("/console/moderation/queue").text
    assert f'href="{PAGE}"' in queue and "1 waits for your label" in queue
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_page_costs_the_same_however_much_waits(moderator_client, sample, bea, django_assert_num_queries):
    place = {
        "name": "texts",
        "since": 1,
        "source": Source.BLIND,
        "mode": "normal",
        "author": bea,
        "wanted": 1,
    }
    more = [SampleText(kind="chat_message", text_id=10_000 + n, **place) for n in range(60)]
    moderator_client.get(PAGE)
    with django_assert_num_queries(5):
        assert moderator_client.get(PAGE).context["waiting"] == 1
    SampleText.objects.bulk_create(more)
    with django_assert_num_queries(5):
        assert moderator_client.get(PAGE).context["waiting"] == 61
