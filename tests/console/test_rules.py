"""Rules and detectors: numbers of a labelled set, texts on request, two versions, drift and reliability."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.moderation.detection import configured
from marketplace.tuning.models import DayOfScores, LabelledSet, SampleText
from marketplace.tuning.sets import examine_again, find_set
from tests.marketplace.factories import make_user
from tests.marketplace.tuning.conftest import load
from tests.marketplace.tuning.milder import Milder

PAGE = "/console/moderation/rules"
TEXTS = """text,labels,id
threat:0.9 at the door,threat,1
threat:0.8 to lower the price,,2
a harmless insult:0.5 perhaps,,3
insult:0.6 for you,insult,4
threat:0.7+reported to me,,5
a fair price,,6
"""


@pytest.fixture
def labelled(db: None) -> LabelledSet:
    load(TEXTS, pipeline=configured())
    return find_set("texts")


def fill_with_drift() -> None:
    """The scores of threats have turned since last week."""
    today = timezone.now().date()
    for ago in range(1, 64):
        found = [10, 20, 20, 20, 30] if ago <= 7 else [30, 20, 20, 20, 10]
        counts = {"threat": [900, *found], "spam": [990, 0, 10, 0, 0, 0]}
        DayOfScores.objects.create(day=today - timedelta(days=ago), texts=1_000, counts=counts)


def numbers_of(*references: str) -> list[int]:
    return [SampleText.objects.get(reference=each).pk for each in references]


def readings() -> list[tuple[int | None, int | None, str]]:
    about = DecisionRecord.objects.filter(policy="moderation_queue").order_by("pk")
    return list(about.values_list("actor_id", "subject_id", "outcome"))


def text_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.text))


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.MODERATOR, 200), (Role.POLICY_OWNER, 200), (Role.AGENT, 403), (Role.BUYER, 403)],
)
def test_moderators_and_owners_see_it(labelled: LabelledSet, role: Role, status: int) -> None:
    client = Client()
    client.force_login(make_user("zoe", role))
    page = client.get(PAGE)
    assert page.status_code == status
    assert (f'href="{PAGE}"' in client.get("/console/account").text) == (status == 200)


def test_tester_does_not_see_it(db: None) -> None:
    tester = make_user("tia", Role.BUYER)
    tester.user_permissions.add(Permission.objects.get(codename="view_decisionrecord"))
    client = Client()
    client.force_login(tester)
    assert client.get(PAGE).status_code == 403


def test_new_installation_says_what_to_do(moderator_client: Client) -> None:
    page = moderator_client.get(PAGE)
    assert page.status_code == 200
    assert "There is no labelled set yet" in page.text


def test_rule_that_blocks_harmless_texts_comes_first_without_their_words(
    moderator_client: Client, labelled: LabelledSet
) -> None:
    page = moderator_client.get(PAGE)
    stopping = [
        (count.rule, [(t.what, list(t.numbers)) for t in texts]) for count, texts in page.context["stopping"]
    ]
    two, three = numbers_of("2", "3")
    assert 'name="number"' in page.text
    assert stopping == [("threat.word", [("blocks", [two])]), ("insult.word", [("flags", [three])])]
    words = text_of(page)
    assert (
        "threat.word threat lexicon Alone it blocks 1 harmless text. It is right on 1 of 2 texts: precision 50.0% (9–91)."
        in words
    )
    assert "In 1 more, its words were reported or quoted." in words
    assert "7 rules found nothing in this set" in words
    assert not re.search("door|price|perhaps", re.sub("lower the price", "", words))
    assert readings() == []


def test_menu_calls_the_page_by_its_name(moderator_client: Client) -> None:
    page = moderator_client.get(PAGE).text
    assert re.findall(r'aria-current="page">([^<]*)<', page) == re.findall(r"<h1>([^<]*)<", page)


def test_moderator_opens_texts_on_record(moderator_client: Client, moderator, labelled: LabelledSet) -> None:
    numbers = numbers_of("2", "3")
    page = moderator_client.post(PAGE, {"number": numbers})
    assert "to lower the price" in text_of(page)
    assert '<mark class="insult">insult:0.5</mark>' in page.text
    assert readings() == [(moderator.pk, number, "allow") for number in numbers]
    assert page["Cache-Control"] == "no-store"


def test_owner_sees_numbers_and_opens_nothing(owner_client: Client, labelled: LabelledSet) -> None:
    assert 'name="number"' not in owner_client.get(PAGE).text
    page = owner_client.post(PAGE, {"number": numbers_of("2")})
    assert (page.status_code, page.context["opened"]) == (403, [])
    assert "Only moderators can do this." in page.text
    assert "lower the price" not in page.text
    assert [outcome for *_, outcome in readings()] == ["deny"]


@pytest.mark.parametrize("given", [[], ["x"], ["999999"], ["1"] * 11])
def test_only_some_texts_of_the_set_are_opened(
    moderator_client: Client, labelled: LabelledSet, given: list[str]
) -> None:
    page = moderator_client.post(PAGE, {"number": given})
    assert page.status_code == 422
    assert "Choose one to 10 texts of this set." in page.text
    assert readings() == []


def test_set_is_chosen_by_name(moderator_client: Client, labelled: LabelledSet) -> None:
    load("text,labels\nspam:0.6,\n", "other")
    assert moderator_client.get(PAGE).context["labelled"].name == "other"
    page = moderator_client.get(PAGE, {"set": "texts"})
    assert page.context["labelled"] == labelled
    assert 'action="?set=texts#opened"' in page.text
    assert moderator_client.get(PAGE, {"set": "nothing"}).status_code == 404


def test_two_versions_are_compared_on_request(moderator_client: Client, labelled: LabelledSet) -> None:
    """The new one scores 0.45 less."""
    assert "Compare the two" not in moderator_client.get(PAGE).text
    examine_again(labelled, Milder(), now=timezone.now())
    page = moderator_client.get(PAGE)
    assert "Compare the two" in page.text
    assert "comparison" not in page.context
    page = moderator_client.get(PAGE, {"set": "texts", "compare": "yes"})
    block = next(
        each
        for each in page.context["comparison"].translations
        if each.name == "thresholds[normal/threat].block"
    )
    assert (block.old, block.new) == (0.8, 0.45)
    words = text_of(page)
    assert "normal, threat, block 0.80 0.45 100.0% (21–100) 0.0% (0–79) 100.0% (21–100)" in words
    stays, translated = words.partition("If the thresholds stay")[2].split("With translated thresholds")
    assert "Labelled, blocked before, flagged now" in stays
    assert "Labelled, blocked before" not in translated


def test_drift_is_shown_with_its_weeks_and_on_home(owner_client: Client, moderator_client: Client) -> None:
    assert "The scores of moderation drift" not in owner_client.get("/console/").text
    assert "No text of these weeks has a score." in moderator_client.get(PAGE).text
    fill_with_drift()
    page = moderator_client.get(PAGE)
    assert [(drift.category, alarms) for drift, alarms, _ in page.context["drifts"]] == [
        ("threat", True),
        ("spam", False),
    ]
    words = text_of(page)
    assert re.search(r"threat 0\.\d\d drifts", words)
    assert "7000 6300 70 140 140 140 210" in words
    for client in (owner_client, moderator_client):
        assert "The scores of moderation drift: threat." in text_of(client.get("/console/"))


def test_reliability_of_a_category_is_drawn_with_its_numbers(
    moderator_client: Client, labelled: LabelledSet
) -> None:
    page = moderator_client.get(PAGE, {"category": "threat"})
    [plot] = page.context["plots"]
    assert [(each.texts, each.labelled) for each in plot.bins] == [(4, 0), (1, 0), (1, 1)]
    assert plot.dots[1:] == ((160.0, 200.0, 41.3, 200.0), (180.0, 0.0, 0.0, 158.7))
    assert page.text.count("<circle") == 3
    assert "above 0.7 to 0.8 1 0 0.80 0.0% 0.0% to 79.3%" in text_of(page)
    usual = moderator_client.get(PAGE, {"category": "threat", "share": "usual"})
    assert usual.context["is_usual"]
    assert "as calibrated for: 0.4% of all" in text_of(usual)
    assert usual.context["plots"][0].reliability.error != plot.reliability.error


def test_page_costs_the_same_queries_for_more_texts(
    moderator_client: Client, labelled: LabelledSet, django_assert_num_queries
) -> None:
    moderator_client.get(PAGE)
    with django_assert_num_queries(
        7
    ):  # session, user, set, its newest finding, examinations, days, and the set's names
        moderator_client.get(PAGE)
    lines = "".join(f"threat:0.8 number {n},,{n}\n" for n in range(40))
    load(f"text,labels,id\n{lines}", "texts", pipeline=configured())
    moderator_client.get(PAGE)
    with django_assert_num_queries(7):
        page = moderator_client.get(PAGE)
    assert "and 30 more" in text_of(page)
