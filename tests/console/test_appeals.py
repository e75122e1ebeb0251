"""Appeals on the console: a moderator who has not ruled about the text before decides, for a listed reason."""

import pytest
from django.test import Client
from django.utils import timezone

from decisions import Denied
from marketplace.accounts.models import Role, User
from marketplace.chats.models import Message
from marketplace.desk.appealing import appeal_decision, appeal_report
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import Appeal, BlockedText, QueueItem, Strike, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from tests.console.test_queue import QUEUE, page_of

APPEALS = "/console/moderation/appeals"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blocked_appeal(send, bea: User) -> Appeal:
    with pytest.raises(Denied):
        send("threat:0.99 quokka")
    record = BlockedText.objects.get().decision_id
    return appeal_decision(appellant=bea, decision_id=record, because="joke", now=timezone.now())


@pytest.fixture
def removed(send, moderator: User) -> QueueItem:
    item = send("insult:0.6 quokka").queue_item
    resolve(moderator, item, Verdict.UPHOLD)
    return item


@pytest.fixture
def left_up(send, order, moderator: User) -> Appeal:
    """Sam reported a text that Max left up, and appeals."""
    message = send("Is quokka oak?")
    report = report_text(
        reader=order.seller, kind="chat_message", text_id=message.pk, because="spam", now=timezone.now()
    )
    resolve(moderator, report.item, Verdict.OVERTURN)
    return appeal_report(appellant=order.seller, report_id=report.pk, because="harmful", now=timezone.now())


def resolve(moderator: User, item: QueueItem, verdict: Verdict) -> None:
    claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
    resolve_item(moderator=moderator, item_id=item.pk, verdict=verdict, reason="Seen.", now=timezone.now())


def appeal_page(appeal: Appeal) -> str:
    return f"{APPEALS}/{appeal.pk}"


def test_granted_appeal_delivers_a_blocked_text_and_proposes_a_case(moderator_client, blocked_appeal, bea):
    assert "1 open appeal" in moderator_client.get(QUEUE).text
    page = moderator_client.get(APPEALS)
    assert f"Appeal {blocked_appeal.pk}" in page.text and "Its author says: “It was a joke.”" in page.text
    page = moderator_client.get(appeal_page(blocked_appeal)).text
    assert "quokka" not in page and "Open the text first." in page and 'value="overturn"' not in page
    page = moderator_client.post(appeal_page(blocked_appeal), {"open": "yes"}).text
    assert "quokka" in page and "Breaks none: deliver it" in page and "the first ruling counts" in page
    assert "threat" in page and "Around it" in page and f"Other texts of person {bea.pk}" in page
    ruling = {"do": "overturn", "because": "harmless", "note": "A joke between friends."}
    page = moderator_client.post(appeal_page(blocked_appeal), ruling, follow=True)
    assert page.redirect_chain == [(APPEALS, 302)] and "the decision is overturned" in page.text
    assert Message.objects.get().text == "threat:0.99 quokka"
    assert Strike.objects.filter(author=bea, taken_back_at=None).count() == 0
    page = moderator_client.get(appeal_page(blocked_appeal)).text
    assert "The text was delivered." in page and "A case to add" in page and "quokka" not in page
    assert "It is harmless: the words mean something else here. A joke between friends." in page
    blocked_appeal.refresh_from_db()
    assert blocked_appeal.state == "overturned"


def test_whoever_ruled_first_does_not_rule_again(moderator_client, mia_client, removed, bea):
    appeal = appeal_decision(
        appellant=bea, decision_id=removed.decision_id, because="misread", now=timezone.now()
    )
    ruling = {"do": "overturn", "because": "harmless"}
    page = moderator_client.get(appeal_page(appeal)).text
    assert "Somebody else decides" in page and 'value="overturn"' not in page
    answer = moderator_client.post(appeal_page(appeal), ruling)
    assert (answer.status_code, "another moderator decides" in answer.text) == (403, True)
    page = mia_client.get(appeal_page(appeal)).text
    assert "Breaks none: restore it" in page and "ruled on" in page and "that it breaks a rule: Seen." in page
    assert f"Appeal {appeal.pk}" in mia_client.get(page_of(removed)).text
    assert mia_client.post(appeal_page(appeal), ruling).status_code == 302
    late = mia_client.post(appeal_page(appeal), ruling)
    assert (late.status_code, "closed already" in late.text) == (409, True)
    page = moderator_client.get(page_of(removed)).text
    assert "It breaks a rule; on appeal: it breaks none" in page and "It was changed on appeal." in page


def test_reporter_who_appeals_is_not_named_and_may_have_the_text_removed(
    moderator_client, mia_client, left_up, order
):
    reporter = f"person {order.seller_id}"
    for path in (APPEALS, appeal_page(left_up), page_of(left_up.item)):
        page = mia_client.get(path).text
        assert reporter not in page and "reported" in page, path
    page = mia_client.get(appeal_page(left_up)).text
    assert "Is quokka oak?" in page and "Breaks a rule: remove it" in page
    wrong = mia_client.post(appeal_page(left_up), {"do": "overturn", "because": "harmless"})
    assert (wrong.status_code, "Choose one of the reasons" in wrong.text) == (403, True)
    none = mia_client.post(appeal_page(left_up), {"do": "overturn"})
    assert (none.status_code, "Choose a reason." in none.text) == (422, True)
    assert mia_client.post(appeal_page(left_up), {"do": "overturn", "because": "spam"}).status_code == 302
    left_up.item.refresh_from_db()
    assert (left_up.item.fate, left_up.item.verdict) == ("removed", "overturn")


def test_only_moderators_without_a_part_in_it_see_an_appeal(owner_client, removed, bea):
    appeal = appeal_decision(
        appellant=bea, decision_id=removed.decision_id, because="misread", now=timezone.now()
    )
    assert owner_client.get(APPEALS).status_code == owner_client.get(appeal_page(appeal)).status_code == 403
    User.objects.filter(pk=bea.pk).update(role=Role.MODERATOR)
    author = Client()
    author.force_login(bea)
    assert f"Appeal {appeal.pk}" not in author.get(APPEALS).text
    assert author.get(appeal_page(appeal)).status_code == 404
    assert author.post(appeal_page(appeal), {"do": "overturn", "because": "harmless"}).status_code == 404


def test_text_that_is_gone_is_said_to_be(moderator_client, blocked_appeal):
    BlockedText.objects.all().delete()
    page = moderator_client.post(appeal_page(blocked_appeal), {"open": "yes"})
    assert (page.status_code, "It is gone" in page.text) == (200, True)


def test_list_has_the_oldest_open_appeal_first_and_goes_on(moderator_client, send, bea, monkeypatch):
    monkeypatch.setattr("console.appeals.SHOWN", 2)
    for number in range(3):
        held = send(f"threat:0.9+classifier {number}").queue_item
        appeal_decision(appellant=bea, decision_id=held.decision_id, because="misread", now=timezone.now())
    first = moderator_client.get(APPEALS)
    second = moderator_client.get(f"{APPEALS}?state=open&after={first.context['next']}")
    found = [appeal.pk for page in (first, second) for appeal, *_ in page.context["rows"]]
    assert found == sorted(Appeal.objects.values_list("pk", flat=True))
    assert moderator_client.get(f"{APPEALS}?state=odd&after=odd").context["state"] == "open"
    assert "No appeal is overturned." in moderator_client.get(f"{APPEALS}?state=overturned").text


def test_ground_without_words_is_said_to_be_one(moderator_client, send, bea):
    held = send("threat:0.9+classifier").queue_item
    appeal = appeal_decision(appellant=bea, decision_id=held.decision_id, because="other", now=timezone.now())
    for path in (APPEALS, appeal_page(appeal)):
        assert "chose “another reason”" in moderator_client.get(path).text


def test_page_of_an_appeal_has_what_stands_around_the_text(moderator_client, send, bea, blocked_appeal):
    send("Is it oak?", minutes=5)
    send("spam:0.7", minutes=4)
    page = moderator_client.get(appeal_page(blocked_appeal))
    assert [each.text.item_id is None for each in page.context["before"]] == [True, False]
    assert "the buyer" in page.text and "Is it oak?" not in page.text
    answer = moderator_client.post(appeal_page(blocked_appeal), {"do": "around", "reading_for": "danger"})
    assert "Is it oak?" in answer.text
    assert [strike.item_id for strike, _ in page.context["strikes"]] == [None]


def test_nul_in_a_reason_is_refused(mia_client, removed, bea):
    appeal = appeal_decision(
        appellant=bea, decision_id=removed.decision_id, because="misread", now=timezone.now()
    )
    for given in ({"because": "harm\0less"}, {"because": "harmless", "note": "\0"}):
        answer = mia_client.post(appeal_page(appeal), {"do": "overturn"} | given)
        assert (answer.status_code, "cannot be stored" in answer.text) == (422, True), given
