"""The page about thresholds without a browser: who sees it, its numbers, what it lists, and how a change becomes a draft."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from benchmarks.labelled import make_samples, store
from console import profiles as page
from decisions import bundles, trial
from decisions.models import DecisionRecord
from detectors.signal import Category, Signal
from engine.claims import extra
from marketplace.accounts.models import Role, User
from marketplace.chats.models import Message
from marketplace.moderation.services import POLICY
from marketplace.publishing.models import Publication
from marketplace.tuning.recorded import read_recorded
from marketplace.tuning.samples import Sample
from marketplace.tuning.thresholds import Evaluation, Texts
from tests.marketplace.factories import make_user
from tests.marketplace.tuning.planted import BAD, GOOD, cells

PROFILES = "/console/moderation/profiles"
THREAT = "thresholds[normal/threat].flag"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """What the process remembers of the sets and the log of another test."""
    page._known_sets.clear()
    read_recorded.cache_clear()
    yield
    page._known_sets.clear()
    read_recorded.cache_clear()


def made(number: int, category: Category, score: float, *labels: str, mode: str = "normal") -> Sample:
    detector = "classifier" if score < 0.5 else "lexicon"
    signal = Signal(category, score, 0, 4, detector, "1", f"{category}.plain")
    return Sample(number, mode, "english", (signal,), (), frozenset(labels))


def text_of(response: Any) -> str:
    """Without tags, and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def row_of(text: str, title: str) -> list[str]:
    return text[text.index(title) + len(title) :].split()


def test_owners_and_moderators_see_it_and_nobody_else(
    moderator_client: Client, owner_client: Client, db: None
) -> None:
    for client in (moderator_client, owner_client):
        assert client.get(PROFILES).status_code == 200
        assert "There is no labelled set yet" in text_of(client.get(PROFILES))
    buyer = Client()
    buyer.force_login(make_user("bea", Role.BUYER))
    assert buyer.get(PROFILES).status_code == 403
    assert Client().get(PROFILES).status_code == 302


def test_a_turned_threshold_is_counted_and_its_texts_are_listed(moderator_client: Client) -> None:
    samples = [
        made(1, "threat", 0.32),
        made(2, "threat", 0.32, "threat"),
        made(3, "threat", 0.55, "threat"),
        made(4, "spam", 0.95),
        made(5, "threat", 0.32, mode="dispute"),
    ]
    store(samples, name="seed", now=timezone.now())
    text = text_of(moderator_client.get(PROFILES, {THREAT: "0.40"}))
    assert text.count("classifier holds from") == 10  # the hard categories and sexual remarks, in both modes
    assert row_of(text, "Normal, in force")[:7] == ["0", "2", "1", "1", "1", "1", "0"]
    assert row_of(text, "Normal, as set here")[:7] == ["2", "0", "1", "1", "0", "1", "1"]
    assert "Labelled, and missed from now on: 1" in text
    assert "Harmless, and left alone from now on: 1" in text
    assert (
        row_of(text, "Dispute, in force")[:4]
        == row_of(text, "Dispute, as set here")[:4]
        == ["0", "1", "0", "0"]
    )


def test_the_numbers_are_those_of_the_evaluation(moderator_client: Client) -> None:
    samples = make_samples(60)
    store(samples, name="seed", now=timezone.now())
    values = {THREAT: 0.55, "look_from": 0.5, "thresholds[dispute/hate].block": 0.4}
    now = timezone.now()
    version = trial.adjusted(POLICY, values, now=now).version_at(POLICY, now)
    expected = Evaluation(Texts(samples), version, now=now)
    text = text_of(moderator_client.get(PROFILES, values))
    for mode in ("normal", "dispute"):
        counts = expected.counts(mode)
        shown = [*counts.sides.values(), counts.false_flags, counts.false_blocks, counts.missed]
        assert row_of(text, f"{mode.capitalize()}, as set here")[:7] == [str(number) for number in shown]


def test_wrong_numbers_are_marked_and_change_nothing(moderator_client: Client) -> None:
    store([made(1, "threat", 0.32)], name="seed", now=timezone.now())
    response = moderator_client.get(PROFILES, {THREAT: "0.405", "hard_limit": "2", "look_from": "much"})
    text = text_of(response)
    assert response.status_code == 422
    for error in ("at most two decimal places", "at most 0.99", "This should be a number"):
        assert error in text
    assert "as set here" not in text
    response = moderator_client.post(PROFILES, {THREAT: "0.405", "do": "save"})
    assert (response.status_code, Publication.objects.count()) == (422, 0)
    assert "Correct the marked numbers first" in text_of(response)


def test_a_text_is_shown_on_request_and_on_record(moderator_client: Client, owner_client: Client) -> None:
    store([made(1, "threat", 0.32)], name="seed", now=timezone.now())
    changed = {THREAT: "0.40", "set": "seed"}
    listed = moderator_client.get(PROFILES, changed)
    assert "Text 1 of seed" not in listed.content.decode()
    number = re.search(r'name="number" value="(\d+)"', listed.content.decode())
    assert number is not None
    reads = DecisionRecord.objects.filter(policy="moderation_queue")
    before = reads.count()
    opened = moderator_client.post(PROFILES, {**changed, "do": "open", "number": number[1]})
    assert "Text 1 of seed" in text_of(opened)
    assert "Harmless, and left alone from now on: 1" in text_of(opened)
    assert reads.count() == before + 1
    assert 'value="open"' not in owner_client.get(PROFILES, changed).content.decode()
    refused = owner_client.post(PROFILES, {**changed, "do": "open", "number": number[1]})
    assert (refused.status_code, "Text 1 of seed" in refused.content.decode()) == (403, False)
    unknown = moderator_client.post(PROFILES, {**changed, "do": "open", "number": "999999"})
    assert (unknown.status_code, "Choose one to 10 texts of this set" in text_of(unknown)) == (422, True)


def test_a_category_lists_what_it_misses_and_finds_wrongly(
    moderator_client: Client, owner_client: Client
) -> None:
    missed = [made(number, "threat", 0.29, "threat") for number in range(1, 13)]
    wrong = [made(20, "threat", 0.32), made(21, "threat", 0.90), made(22, "threat", 0.90, "threat")]
    store([*missed, *wrong, made(23, "insult", 0.60, mode="dispute")], name="seed", now=timezone.now())
    page = moderator_client.get(PROFILES)
    text = text_of(page)
    assert "1 false flag, 1 false block, 12 missed." in text
    (threat,) = (row for row in page.context["profiles"][0].rows if row.category == "threat")
    assert [(kind.what, len(kind.numbers), kind.more) for kind in threat.wrong] == [
        ("missed", 12, 2),
        ("false blocks", 1, 0),
        ("false flags", 1, 0),
    ]
    assert not any(row.wrong for row in page.context["profiles"][1].rows)
    assert "(0.29) and 2 more. Show the first 10" in text
    ten = re.search(r'name="number" value="(\d+(?: \d+){9})"', page.content.decode())
    assert ten is not None and len(re.findall('<form id="open"', page.content.decode())) == 1
    reads = DecisionRecord.objects.filter(policy="moderation_queue")
    before = reads.count()
    opened = moderator_client.post(PROFILES, {"set": "seed", "do": "open", "number": ten[1]})
    assert len(re.findall(r"Text \d+ of seed", text_of(opened))) == 10
    assert reads.count() == before + 10
    assert 'form="open"' not in owner_client.get(PROFILES).content.decode()
    turned = text_of(moderator_client.get(PROFILES, {THREAT: "0.25"}))
    assert "1 false flag, 1 false block, 0 missed (in force: 1, 1, 12)." in turned


def test_thresholds_in_the_wrong_order_are_told_by_name(moderator_client: Client) -> None:
    assert "blocked before they are flagged" not in text_of(moderator_client.get(PROFILES))
    page = moderator_client.get(PROFILES, cells("normal", "insult", flag=0.90))
    warning = (
        "thresholds[normal/insult].flag is 0.90, above thresholds[normal/insult].block with 0.80: "
        "texts are blocked before they are flagged."
    )
    assert page.status_code == 200
    assert text_of(page).count(warning) == 2  # beside the threshold, and before it is saved
    warned = [row.category for row in page.context["profiles"][0].rows if row.misplaced]
    assert (warned, page.context["profiles"][1].rows[0].misplaced) == (["insult"], [])


def test_the_log_of_the_last_30_days_is_decided_again(
    moderator_client: Client, send: Any, order: Any
) -> None:
    sent: Message = send("threat:0.32+classifier")
    send("nothing in it")
    text = text_of(moderator_client.get(PROFILES, {THREAT: "0.40"}))
    assert "2 texts that were judged" in text
    assert row_of(text, "Normal, in force")[:4] == ["1", "1", "0", "0"]
    assert row_of(text, "Normal, as set here")[:4] == ["2", "0", "0", "0"]
    assert "with another outcome now: 1" in text
    assert f"flagged then; flagged, then passed . Item {sent.queue_item_id}" in text
    assert "threat:0.32" not in text
    long_ago = (timezone.now() - timedelta(days=1)).isoformat()
    assert "Nothing was judged in this time" in text_of(moderator_client.get(PROFILES, {"until": long_ago}))


def test_a_broken_promise_is_refused_with_its_input(moderator_client: Client) -> None:
    values, claim = BAD["insults are blocked in disputes"]
    response = moderator_client.post(PROFILES, {**values, "do": "check"})
    text = text_of(response)
    assert response.status_code == 422
    assert claim.replace("-", " ").capitalize() in text
    assert "Dispute mode: insult" in text and "becomes block by" in text
    assert f"breaks the claim {claim}" in text
    assert Publication.objects.count() == 0


def test_an_owner_saves_a_draft_and_a_moderator_is_told_whom_to_ask(
    owner_client: Client, moderator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Any] = []

    def publish_draft(draft: Any, *, actor: User, now: Any) -> Publication:
        published.append(draft)
        return Publication.objects.create(
            digest="sha256:0", engine="x", files={}, strangers=[], published_by=actor, published_at=now
        )

    monkeypatch.setattr(extra, "is_installed", lambda: False)
    monkeypatch.setattr(page, "publish_draft", publish_draft)
    values = {name: str(value) for name, value in GOOD["insults are flagged sooner"].items()}
    asked = text_of(moderator_client.get(PROFILES, values))
    assert "Only a policy owner can publish policies" in asked and "Check and save" not in asked
    assert "Check and save as a draft" in text_of(owner_client.get(PROFILES, values))
    response = owner_client.post(PROFILES, {**values, "do": "save"})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/console/changes/{Publication.objects.get().pk}"
    [draft] = published
    assert draft.version.version == bundles.current().version_at(POLICY, timezone.now()).version + 1


def test_what_is_in_force_is_no_draft(owner_client: Client) -> None:
    for values in ({}, cells("normal", "threat", flag=0.3)):
        response = owner_client.post(PROFILES, {**values, "do": "save"})
        assert (response.status_code, "Change a threshold first" in text_of(response)) == (422, True)
    assert owner_client.post(PROFILES, {"do": "dance"}).status_code == 422


def test_redrawing_needs_as_many_queries_for_many_texts(
    moderator_client: Client, django_assert_num_queries: Any
) -> None:
    store(make_samples(50), name="seed", now=timezone.now())
    until = timezone.now().isoformat()
    moderator_client.get(PROFILES, {"until": until})
    with django_assert_num_queries(10):
        moderator_client.get(PROFILES, {"until": until, THREAT: "0.41"})
