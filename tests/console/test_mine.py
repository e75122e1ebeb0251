"""What became of one's own texts, reports and appeals, on pages for everybody who is signed in."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from decisions import Denied
from marketplace.accounts.models import Role, User
from marketplace.desk.appealing import appeal_decision, appeal_report, rule_on_appeal
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import Appeal, AppealVerdict, BlockedText, QueueItem, Report, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from tests.marketplace.factories import make_user

MINE = "/console/mine"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blocked(send) -> BlockedText:
    with pytest.raises(Denied):
        send("threat:0.99 quokka")
    return BlockedText.objects.get()


@pytest.fixture
def bea_client(bea: User) -> Client:
    return client_of(bea)


@pytest.fixture
def report(send, order) -> Report:
    message = send("Is it oak?")
    return report_text(
        reader=order.seller, kind="chat_message", text_id=message.pk, because="spam", now=timezone.now()
    )


def client_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def statement(decision_id: int | None) -> str:
    return f"{MINE}/decisions/{decision_id}"


def resolve(moderator: User, item: QueueItem, verdict: Verdict) -> QueueItem:
    claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
    return resolve_item(
        moderator=moderator, item_id=item.pk, verdict=verdict, reason="Seen by Max.", now=timezone.now()
    )


def rule(moderator: User, appeal: Appeal, verdict: AppealVerdict) -> Appeal:
    return rule_on_appeal(
        moderator=moderator, appeal_id=appeal.pk, verdict=verdict, reason="Read by Mia.", now=timezone.now()
    )


def test_author_reads_why_a_text_was_blocked_and_appeals_once(bea_client, blocked):
    page = bea_client.get(MINE).text
    assert f'href="{statement(blocked.decision_id)}"' in page and "Not sent" in page and "quokka" not in page
    page = bea_client.get(statement(blocked.decision_id))
    assert "Your text was not sent" in page.text and "it reads as: threat" in page.text
    assert "A machine, by the rule below." in page.text and "quokka" not in page.text
    until = blocked.decision.decided_at + timedelta(days=14)
    assert (page.context["until"], f"until {until:%Y-%m-%d %H:%M} UTC" in page.text) == (until, True)
    for given in ({}, {"because": "boredom"}, {"because": "harmful"}):
        wrong = bea_client.post(statement(blocked.decision_id), given)
        assert (wrong.status_code, "Choose why you appeal." in wrong.text) == (422, True), given
    assert not Appeal.objects.exists()
    page = bea_client.post(statement(blocked.decision_id), {"because": "joke"}, follow=True)
    assert (
        page.redirect_chain == [(statement(blocked.decision_id), 302)] and "You have appealed." in page.text
    )
    assert (Appeal.objects.get().because, 'name="because"' in page.text) == ("joke", False)
    again = bea_client.post(statement(blocked.decision_id), {"because": "joke"})
    assert (again.status_code, "You have appealed against this already." in again.text) == (409, True)
    assert "your appeal is open" in bea_client.get(MINE).text


def test_author_learns_what_became_of_an_appeal(bea_client, blocked, bea, mia):
    appeal = appeal_decision(
        appellant=bea, decision_id=blocked.decision_id, because="joke", now=timezone.now()
    )
    ruled = rule(mia, appeal, AppealVerdict.UPHOLD)
    lists = [bea_client.get(MINE).text, bea_client.get(f"{MINE}?show=appeals").text]
    assert all("your appeal was rejected" in page for page in lists)
    assert statement(ruled.ruling_id) in lists[1]
    assert "Why it was rejected" in bea_client.get(statement(blocked.decision_id)).text
    page = bea_client.get(statement(ruled.ruling_id)).text
    assert "Your appeal was rejected" in page and "The decision stands." in page and "mia" not in page
    assert "Read by Mia." not in page and "Why it was rejected" not in page


def test_granted_appeal_is_said_to_have_delivered_the_text(bea_client, blocked, bea, mia):
    appeal = appeal_decision(
        appellant=bea, decision_id=blocked.decision_id, because="joke", now=timezone.now()
    )
    rule(mia, appeal, AppealVerdict.OVERTURN)
    assert "Delivered" in bea_client.get(MINE).text
    assert "The text was delivered." in bea_client.get(statement(blocked.decision_id)).text


def test_held_and_removed_texts_are_listed_with_their_words(bea_client, send, moderator):
    held = send("threat:0.9+classifier wombat").queue_item
    removed = send("insult:0.6 quokka").queue_item
    passed = send("spam:0.6 numbat").queue_item
    resolve(moderator, passed, Verdict.OVERTURN)
    ruled = resolve(moderator, removed, Verdict.UPHOLD)
    page = bea_client.get(MINE)
    assert [(each.fate, each.text) for each, _ in page.context["rows"]] == [
        ("removed", "insult:0.6 quokka"),
        ("held", "threat:0.9+classifier wombat"),
    ]
    assert statement(held.decision_id) in page.text and statement(ruled.ruling_id) in page.text
    assert "Your text is held back" in bea_client.get(statement(held.decision_id)).text
    page = bea_client.get(statement(ruled.ruling_id)).text
    assert "Your text was removed" in page and "A moderator." in page and "Seen by Max." not in page
    answer = bea_client.post(statement(ruled.ruling_id), {"because": "misread"}, follow=True)
    assert "A moderator who has not decided about this before will look at it." in answer.text
    assert Appeal.objects.get().item == removed


def test_restored_text_is_no_longer_removed(bea_client, bea, send, moderator, mia):
    removed = resolve(moderator, send("insult:0.6 quokka").queue_item, Verdict.UPHOLD)
    appeal = appeal_decision(
        appellant=bea, decision_id=removed.ruling_id, because="misread", now=timezone.now()
    )
    rule(mia, appeal, AppealVerdict.OVERTURN)
    assert [each.fate for each, _ in bea_client.get(MINE).context["rows"]] == ["delivered"]
    page = bea_client.get(statement(removed.ruling_id)).text
    assert "It was granted on" in page and "The text was delivered." in page
    assert "your appeal was granted" in bea_client.get(f"{MINE}?show=appeals").text


def test_blocked_text_that_is_no_longer_kept_cannot_be_appealed(bea_client, blocked):
    BlockedText.objects.all().delete()
    assert "no longer" in bea_client.get(statement(blocked.decision_id)).text
    late = bea_client.post(statement(blocked.decision_id), {"because": "joke"})
    assert (late.status_code, "no longer kept" in late.text) == (409, True)
    assert bea_client.get(MINE).context["rows"] == []


def test_reporter_learns_what_became_of_a_report_and_appeals(report, order, moderator, mia, bea_client):
    sam = client_of(order.seller)
    address = f"{MINE}/reports/{report.pk}"
    assert "no moderator has ruled yet" in sam.get(f"{MINE}?show=reports").text
    page = sam.get(address).text
    assert "No moderator has ruled about it yet." in page and 'name="because"' not in page
    assert sam.post(address, {"because": "harmful"}).status_code == 409
    assert bea_client.get(MINE).context["rows"] == []  # its author is told of nothing yet
    resolve(moderator, report.item, Verdict.OVERTURN)
    assert bea_client.get(MINE).context["rows"] == []
    page = sam.get(address)
    assert "left it up" in page.text and page.context["until"] > timezone.now()
    assert sam.post(address, {"because": "joke"}).status_code == 422
    page = sam.post(address, {"because": "harmful"}, follow=True)
    assert page.redirect_chain == [(address, 302)] and "You have appealed." in page.text
    rule(mia, Appeal.objects.get(), AppealVerdict.OVERTURN)
    page = sam.get(address).text
    assert "The text was removed." in page and "It was granted on" in page
    assert "the text was removed" in sam.get(f"{MINE}?show=reports").text
    [(row, _)] = bea_client.get(MINE).context["rows"]
    page = bea_client.get(statement(row.statement_id)).text
    assert row.fate == "removed" and "Somebody reported the text." in page
    assert f"person {order.seller_id}" not in page and re.search(r"\bsam\b", page) is None
    appealed = bea_client.post(statement(row.statement_id), {"because": "misread"}, follow=True)
    assert "You have appealed." in appealed.text


def test_ruling_that_another_appeal_has_changed_since_is_not_appealed(
    report, order, moderator, mia, bea_client
):
    resolve(moderator, report.item, Verdict.OVERTURN)
    appeal = appeal_report(appellant=order.seller, report_id=report.pk, because="harmful", now=timezone.now())
    ruled = rule(mia, appeal, AppealVerdict.OVERTURN)
    QueueItem.objects.update(ruling_id=ruled.ruling_id + 1)
    page = bea_client.get(statement(ruled.ruling_id))
    assert (page.status_code, "nothing here that you can appeal against" in page.text) == (200, True)
    assert bea_client.post(statement(ruled.ruling_id), {"because": "misread"}).status_code == 404


def test_rejected_appeal_of_a_reporter_says_why(report, order, moderator, mia):
    resolve(moderator, report.item, Verdict.OVERTURN)
    appeal = appeal_report(appellant=order.seller, report_id=report.pk, because="harmful", now=timezone.now())
    ruled = rule(mia, appeal, AppealVerdict.UPHOLD)
    sam = client_of(order.seller)
    assert statement(ruled.ruling_id) in sam.get(f"{MINE}/reports/{report.pk}").text
    assert "Your appeal was rejected" in sam.get(statement(ruled.ruling_id)).text


def test_nobody_sees_what_concerns_others(blocked, report, mia_client, owner_client):
    sees_nothing = client_of(make_user("ben", Role.BUYER))
    for browser in (sees_nothing, mia_client, owner_client):
        assert browser.get(MINE).context["rows"] == []
        for address in (statement(blocked.decision_id), f"{MINE}/reports/{report.pk}", statement(10**30)):
            assert browser.get(address).status_code == 404
            assert browser.post(address, {"because": "joke"}).status_code == 404
    assert Client().get(MINE).url == f"/console/sign-in?next={MINE}"


def test_menu_names_the_page_for_whoever_has_no_desk(bea_client, moderator_client):
    assert ">Your texts<" in bea_client.get(MINE).text
    assert ">Your texts<" not in moderator_client.get(MINE).text
    assert f'href="{MINE}"' in moderator_client.get("/console/account").text


def test_lists_go_on_where_the_page_before_ended(bea_client, bea, send, monkeypatch):
    monkeypatch.setattr("marketplace.desk.own.PAGE", 2)
    for number in range(3):
        send(f"threat:0.9+classifier {number}", minutes=9 - number)
    with pytest.raises(Denied):
        send("threat:0.99")
    for item in QueueItem.objects.all():
        appeal_decision(appellant=bea, decision_id=item.decision_id, because="misread", now=timezone.now())
    for shown, count in (("texts", 4), ("appeals", 3)):
        first = bea_client.get(f"{MINE}?show={shown}")
        second = bea_client.get(f"{MINE}?show={shown}&before={first.context['next']}")
        rows = [*first.context["rows"], *second.context["rows"]]
        assert (len(first.context["rows"]), len(rows), second.context["next"]) == (2, count, None)
        assert len({str(row) for row in rows}) == count
    assert bea_client.get(f"{MINE}?show=odd&before=odd").context["shown"] == "texts"


def test_pages_cost_as_many_queries_at_any_size(bea, send, order, moderator):
    """Four are for the session, the user and what they may do."""
    bea_client = client_of(bea)
    queries = {"": 8, "?show=reports": 5, "?show=appeals": 5}
    for number in range(4):
        held = send(f"threat:0.9+classifier {number}", minutes=20 - number).queue_item
        appeal_decision(appellant=bea, decision_id=held.decision_id, because="misread", now=timezone.now())
        theirs = send("Is it oak?", author=order.seller, minutes=9 - number)
        report_text(reader=bea, kind="chat_message", text_id=theirs.pk, because="spam", now=timezone.now())
        if number in (0, 3):
            asked = {}
            for path in queries:
                with CaptureQueriesContext(connection) as captured:
                    bea_client.get(MINE + path)
                asked[path] = len(captured)
            assert asked == queries


def test_forms_carry_a_token_and_pages_load_nothing_from_elsewhere(bea, blocked):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bea)
    assert browser.post(statement(blocked.decision_id), {"because": "joke"}).status_code == 403
    for path in (MINE, statement(blocked.decision_id)):
        page = browser.get(path)
        assert "default-src 'none'" in page["Content-Security-Policy"] and " style=" not in page.text
        assert page["Cache-Control"] == "no-store"
        forms = re.findall('<form[^>]* method="post"', page.text)
        assert len(forms) == page.text.count("csrfmiddlewaretoken")
    assert not Appeal.objects.exists()
