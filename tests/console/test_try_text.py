"""The "Try a text" page without a browser: access, escaping and decisions."""

import re

import pytest
from django.test import Client

from decisions import bundles
from decisions.models import DecisionRecord
from engine.explain.budget import Budget
from marketplace.accounts.models import Role, User
from marketplace.moderation.models import QueueItem
from tests.console.conftest import PASSWORD

TRY = "/console/moderation/try"
SIGN_IN = "/console/sign-in"
THREAT = "thresholds[normal/threat].block"


def outcomes(html: str) -> list[str]:
    return re.findall(r'<p class="outcome \w+">(\w+)</p>', html)


def rules(html: str) -> list[str]:
    return re.findall(r'<p class="rule">(.+?)</p>', html)


def test_nobody_is_asked_to_sign_in_and_comes_back(client, moderator):
    asked = client.get(TRY)
    assert (asked.status_code, asked["Location"]) == (302, f"{SIGN_IN}?next={TRY}")
    fields = {"username": "max", "password": PASSWORD, "next": TRY}
    signed_in = client.post(SIGN_IN, fields)
    assert (signed_in.status_code, signed_in["Location"]) == (302, TRY)
    assert "max, moderator" in client.get(TRY).text


@pytest.mark.parametrize(("role", "is_staff", "status"), [
    *((role, False, 200 if role == Role.MODERATOR else 403) for role in Role),
    (Role.BUYER, True, 403),
    (Role.MODERATOR, True, 200),
])  # fmt: skip
def test_page_is_for_moderators(client, db, role, is_staff, status):
    client.force_login(User.objects.create_user("somebody", role=role, is_staff=is_staff))
    assert [client.get(TRY).status_code, client.post(TRY, {"text": "Hello"}).status_code] == [status] * 2


def test_wrong_password_is_refused_in_one_sentence_for_all(client, moderator):
    pages = [client.post(SIGN_IN, {"username": name, "password": "wrong"}).text for name in ("max", "nobody")]
    assert all("No account has this username and password." in moderator_client for moderator_client in pages)


def test_guesses_are_counted_with_those_over_the_api(client, moderator, settings):
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "login": "2/min"}
    statuses = [client.post(SIGN_IN, {"username": "max", "password": "wrong"}).status_code for _ in range(2)]
    over_the_api = client.post(
        "/api/auth/tokens", {"username": "max", "password": "wrong"}, "application/json"
    )
    assert (statuses, over_the_api.status_code) == ([200, 200], 429)


def test_tries_are_counted_as_writes(moderator_client, settings):
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "write": "1/min"}
    statuses = [moderator_client.post(TRY, {"text": "Hello"}).status_code for _ in range(2)]
    assert (statuses, moderator_client.get(TRY).status_code) == ([200, 429], 200)


def test_sign_in_leads_nowhere_else(client, moderator):
    fields = {"username": "max", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(SIGN_IN, fields)["Location"] == "/console/"


def test_policy_owner_who_signs_in_meets_no_refusal(client, db):
    User.objects.create_user("pia", password=PASSWORD, role=Role.POLICY_OWNER)
    answer = client.post(SIGN_IN, {"username": "pia", "password": PASSWORD}, follow=True)
    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, "/console/")


def test_signing_out_ends_the_session(moderator_client):
    moderator_client.post("/console/sign-out")
    assert moderator_client.get(TRY).status_code == 302
    assert moderator_client.get("/console/sign-out").status_code == 405


@pytest.mark.parametrize("path", [TRY, "/console/sign-out"])
def test_posts_need_a_csrf_token(path, moderator):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moderator)
    assert strict.post(path, {"text": "Hello"}).status_code == 403


def test_headers_forbid_foreign_content_and_caching(moderator_client, client):
    for response in (
        moderator_client.get(TRY),
        moderator_client.post(TRY, {"text": "Hello"}),
        Client().get(SIGN_IN),
    ):
        policy = response["Content-Security-Policy"].split("; ")
        assert policy[0] == "default-src 'none'"
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert response["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?! src=)|<style|style=|\son\w+=", response.text)


def test_text_is_shown_as_it_was_written_and_never_as_markup(moderator_client):
    text = "<script>alert(1)</script> & threat:0.85 </textarea>\nsecond line"
    shown = moderator_client.post(TRY, {"text": text}).text
    assert "<script>alert" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; ") == 2
    assert '<mark class="threat">threat:0.85</mark> &lt;/textarea&gt;\nsecond line</p>' in shown


def test_first_line_break_of_a_text_is_kept(moderator_client):
    assert moderator_client.post(TRY, {"text": "\r\nspam:0.6"}).context["text"] == "\nspam:0.6"


def test_both_modes_are_decided_side_by_side(moderator_client):
    shown = moderator_client.post(TRY, {"text": "profanity:0.9"}).text
    assert outcomes(shown) == ["Block", "Allow"]
    assert "`" not in shown
    assert rules(shown) == ["blocked (normal, profanity)", "tolerated (dispute, profanity)"]


def test_rules_that_apply_too_are_told_once_with_their_rows(moderator_client):
    shown = moderator_client.post(TRY, {"text": "threat:0.85 abuse:0.85"}).text
    assert (
        "<dt>Also applies</dt><dd>blocked (abuse), uncertain (threat, abuse), flagged (threat, abuse)</dd>"
        in shown
    )


def test_changed_number_affects_only_this_page(moderator_client):
    digest = bundles.in_force().digest
    shown = moderator_client.post(TRY, {"text": "threat:0.85", THREAT: "0.88"}).text
    assert outcomes(shown) == ["Flag", "Block"]
    assert rules(shown)[0] == "uncertain (normal, threat)"  # a text that is no longer blocked is held
    assert "With your settings. In force: <strong>block</strong>, blocked (normal, threat)" in shown
    assert f'name="{THREAT}" value="0.88"' in shown
    assert bundles.in_force().digest == digest
    assert outcomes(moderator_client.post(TRY, {"text": "threat:0.85"}).text) == ["Block", "Block"]


def test_numbers_go_back_to_those_in_force(moderator_client):
    shown = moderator_client.post(TRY, {"text": "threat:0.85", THREAT: "0.88", "reset": "yes"}).text
    assert (outcomes(shown), "With your settings" in shown) == (["Block", "Block"], False)
    assert f'name="{THREAT}" value="0.80"' in shown


def test_invalid_number_is_reported_at_its_field_and_ignored(moderator_client):
    response = moderator_client.post(TRY, {"text": "threat:0.85", THREAT: "often", "hard_limit": "5"})
    assert (response.status_code, outcomes(response.text)) == (422, ["Block", "Block"])
    assert response.text.count("This should be a number.") == 1
    assert response.text.count("This should be at most 0.99.") == 1


def test_explanation_says_what_stopped_the_other_rules(moderator_client):
    shown = moderator_client.post(TRY, {"text": "spam:0.6"}).text
    assert "blocked (normal, spam) does not apply: it is not true that (for at least one" in " ".join(
        shown.split()
    )
    assert "row.block is 0.9" in shown
    normal = shown[shown.index('id="why-normal"') : shown.index('id="outcome-dispute"')]
    assert "blocked (dispute, " not in normal


def test_support_is_shown_although_the_text_is_blocked(moderator_client):
    shown = moderator_client.post(TRY, {"text": "self_harm:0.8 profanity:0.9"}).text
    normal = shown[shown.index('id="why-normal"') : shown.index('id="outcome-dispute"')]
    assert "<dt>To do</dt><dd>show support</dd>" in normal
    assert "You need not carry this alone." in normal


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Enter a text first."),
        (" \n ", "Enter a text first."),
        ("x" * 4_001, "A text has at most 4,000 characters."),
    ],
)
def test_empty_or_overlong_text_is_reported(moderator_client, text, error):
    response = moderator_client.post(TRY, {"text": text})
    assert (response.status_code, error in response.text, outcomes(response.text)) == (422, True, [])


def test_unjudged_category_and_broken_detector_are_reported(moderator_client, settings):
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.without_threats"
    assert "No detector could judge: threat." in moderator_client.post(TRY, {"text": "Hello"}).text
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.with_a_problem"
    assert "classifier 1: its model is missing" in moderator_client.get(TRY).text


def test_hostile_text_shows_its_strongest_signals_only(moderator_client):
    response = moderator_client.post(TRY, {"text": "spam:0.6 " * 150})
    assert response.text.count("<mark") == 100
    assert "50 weaker signals are not shown." in response.text


def test_nothing_is_recorded(moderator_client):
    moderator_client.post(TRY, {"text": "threat:0.9+classifier insult:0.6", THREAT: "0.7"})
    assert (DecisionRecord.objects.count(), QueueItem.objects.count()) == (0, 0)


def test_what_would_make_it_milder_is_searched_for_when_asked(moderator_client):
    heading = "What would make the outcome milder"
    assert heading not in moderator_client.post(TRY, {"text": "spam:0.95"}).text
    shown = moderator_client.post(TRY, {"text": "spam:0.95", "counterfactuals": "yes"})
    assert heading in shown.text
    assert 'name="counterfactuals" value="yes" checked' in shown.text
    normal = shown.context["columns"][0].verdict
    assert normal.ways_out != []
    assert [way in shown.text for way in normal.ways_out] == [True] * len(normal.ways_out)


def test_search_that_stopped_says_so(moderator_client, monkeypatch):
    monkeypatch.setattr("console.try_text.Budget", lambda: Budget(1_000))
    text = " ".join(f"spam:0.{90 + i % 10}{i:02}" for i in range(80))
    shown = moderator_client.post(TRY, {"text": text, "counterfactuals": "yes"}).text
    assert "The search stopped at its limit." in shown


def test_nothing_is_milder_than_what_is_allowed(moderator_client):
    shown = moderator_client.post(TRY, {"text": "Hello", "counterfactuals": "yes"}).text
    assert "What would make the outcome milder" not in shown


def test_what_two_detectors_say_about_the_whole_text_is_one_finding(moderator_client):
    page = moderator_client.post(TRY, {"text": "spam:0.6+classifier spam:0.7+classifier threat:0.6"})
    found = [(each.category, each.score, each.words) for each in page.context["signals"]]
    assert sorted(found) == [("spam", 0.7, ""), ("threat", 0.6, "threat:0.6")]


def test_thresholds_in_the_wrong_order_are_told_by_name(moderator_client):
    turned = {"repeated_insults[dispute].flag": "7", "hold_from": "0.45"}
    pages = [moderator_client.post(TRY, {"text": "insult:0.6", **given}) for given in ({}, turned)]
    assert [[each.lower.name for each in page.context["misplaced"]] for page in pages] == [
        [],
        ["repeated_insults[dispute].flag"],
    ]
    assert "repeated insults are blocked before they are flagged" in pages[1].text


def test_verdict_comes_first_and_a_threshold_that_nothing_reaches_says_never(moderator_client):
    shown = moderator_client.post(TRY, {"text": "insult:0.6"}).text
    places = [shown.index(text) for text in ('id="outcome-normal"', 'id="found"', 'id="settings-normal"')]
    assert places == sorted(places)
    assert shown.count('<span class="hint">never</span>') == 7  # the thresholds of 2.00
    assert shown.count('<svg class="scale"') == 18
    assert "<code>" not in shown
