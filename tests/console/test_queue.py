"""The moderators' queue: what the list shows, and how an item is claimed, read and ruled on."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from decisions import Denied, bundles
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.chats.services import blank_messages
from marketplace.desk import queue
from marketplace.desk.reporting import report_text
from marketplace.disputes.services import open_dispute
from marketplace.moderation.keeping import forget_blocked_by
from marketplace.moderation.models import QueueItem, Strike, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from tests.marketplace.factories import complete

QUEUE = "/console/moderation/queue"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blocked(send, bea: User) -> QueueItem:
    """The author has to pause after three blocked texts, and one of them is queued."""
    for ago in (4, 3, 2):
        with pytest.raises(Denied):
            send(f"threat:0.99 number {ago}", minutes=ago)
    return QueueItem.objects.get(blocked=True)


def page_of(item: QueueItem) -> str:
    return f"{QUEUE}/{item.pk}"


def numbers(page) -> list[int]:
    return [row.item.pk for row in page.context["rows"]]


def test_list_has_urgent_items_first_then_the_oldest(moderator_client, send):
    spam = send("spam:0.6 first").queue_item
    threat = send("threat:0.6+reported he said").queue_item
    insult = send("insult:0.5 second").queue_item
    page = moderator_client.get(QUEUE)
    assert numbers(page) == [threat.pk, spam.pk, insult.pk]
    assert [(row.categories, row.excerpt) for row in page.context["rows"]] == [
        (["threat"], ""),
        (["spam"], "spam:0.6 first"),
        (["insult"], "insult:0.5 second"),
    ]
    assert "he said" not in page.text and "3 wait, 1 of them urgent" in page.text


def test_list_is_narrowed_by_state_category_and_place(moderator_client, moderator, send, order, bea):
    spam, insult = send("spam:0.6").queue_item, send("insult:0.5").queue_item
    complete(order)
    open_dispute(actor=bea, order_id=order.pk, text="spam:0.8", now=timezone.now())
    disputed = QueueItem.objects.get(kind="dispute_message")
    claim_item(moderator=moderator, item_id=insult.pk, now=timezone.now())
    for query, found in {
        "": [spam.pk, disputed.pk],
        "?category=spam": [spam.pk, disputed.pk],
        "?category=insult": [],
        "?state=claimed&category=insult": [insult.pk],
        "?place=dispute_message": [disputed.pk],
        "?state=resolved": [],
        "?state=odd&category=odd&place=odd&after=odd": [spam.pk, disputed.pk],
    }.items():
        page = moderator_client.get(QUEUE + query)
        assert (numbers(page), [row.item.pk for row in page.context["held"]]) == (found, [insult.pk]), query


def test_list_goes_on_where_the_page_before_ended(moderator_client, send, monkeypatch):
    monkeypatch.setattr("marketplace.desk.queue.PAGE", 2)
    texts = ["spam:0.6", "threat:0.6+reported", "spam:0.7", "threat:0.7+reported", "spam:0.8"]
    items = [send(text).queue_item.pk for text in texts]
    seen, query = [], ""
    for _ in texts:
        page = moderator_client.get(f"{QUEUE}?{query}")
        seen += numbers(page)
        query = page.context["next"]
        if not query:
            break
    assert seen == [items[1], items[3], items[0], items[2], items[4]]


def test_only_moderators_have_a_queue_and_none_has_their_own_texts(owner_client, bea, send):
    item = send("spam:0.6").queue_item
    assert owner_client.get(QUEUE).status_code == 403
    assert owner_client.get(page_of(item)).status_code == 403
    assert ">Queue<" not in owner_client.get("/console/").text
    User.objects.filter(pk=bea.pk).update(role=Role.MODERATOR)
    author = Client()
    author.force_login(bea)
    assert numbers(author.get(QUEUE)) == []
    for answer in (author.get(page_of(item)), author.post(page_of(item), {"do": "claim"})):
        assert answer.status_code == 404
    assert author.get(f"{QUEUE}/{10**30}").status_code == 404


def test_item_is_claimed_and_ruled_on_for_a_listed_reason(moderator_client, moderator, send):
    item = send("spam:0.6 buy here").queue_item
    page = moderator_client.get(page_of(item))
    assert "Nobody has this yet" in page.text and '<mark class="spam">spam:0.6</mark> buy here' in page.text
    assert moderator_client.post(page_of(item), {"do": "claim"}).url == f"{page_of(item)}?"
    page = moderator_client.get(page_of(item))
    assert "It advertises, or leads off the marketplace." in page.text
    ruling = {"do": "uphold", "because": "spam", "note": "Third time."}
    page = moderator_client.post(page_of(item), ruling, follow=True)
    assert page.redirect_chain == [(f"{QUEUE}?", 302)] and f"Item {item.pk}: upheld." in page.text
    item.refresh_from_db()
    assert (item.verdict, item.resolved_by, item.fate) == (Verdict.UPHOLD, moderator, "removed")
    assert item.reason == "It advertises, or leads off the marketplace. Third time."
    records = DecisionRecord.objects.filter(subject_kind="queue_item").order_by("pk")
    assert [(r.rule, r.facts["verdict"], r.facts["because"]) for r in records] == [
        ("claim-allowed", "none", ""),
        ("resolve-allowed", "uphold", "spam"),
    ]
    page = moderator_client.get(page_of(item))
    assert "Only an appeal can change a ruling." in page.text and "<textarea" not in page.text
    assert 'value="overturn"' not in page.text


def test_ruling_needs_a_reason_that_the_policy_lists_for_it(moderator_client, moderator, send):
    item = send("spam:0.6").queue_item
    claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
    for ruling, status, said in [
        ({"do": "uphold", "because": ""}, 422, "Choose a reason."),
        ({"do": "uphold", "because": "spam", "note": "x" * 1001}, 422, "at most 1,000 characters"),
        ({"do": "overturn", "because": "spam"}, 403, "Choose one of the reasons that are listed"),
        ({"do": "uphold", "because": "boredom"}, 403, "Choose one of the reasons that are listed"),
    ]:
        answer = moderator_client.post(page_of(item), ruling)
        assert (answer.status_code, said in answer.text) == (status, True), ruling
    item.refresh_from_db()
    assert (item.state, item.reason) == ("claimed", "")


def test_policy_owner_changes_the_reasons(moderator_client, moderator, send, policies_dir):
    item = send("spam:0.6").queue_item
    claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
    path = policies_dir / "moderation_queue.yaml"
    text, rows = re.subn(r"\[uphold, +spam, .*\]", '[uphold, fraud, "It is a fraud."]', path.read_text())
    assert rows == 1
    path.write_text(text)
    assert bundles.reload().problems == ()
    page = moderator_client.get(page_of(item)).text
    assert "It is a fraud." in page and "It advertises" not in page
    assert moderator_client.post(page_of(item), {"do": "uphold", "because": "spam"}).status_code == 403
    assert moderator_client.post(page_of(item), {"do": "uphold", "because": "fraud"}).status_code == 302


def test_two_moderators_never_hold_one_item(moderator_client, moderator, mia_client, send):
    item = send("spam:0.6").queue_item
    early = mia_client.get(page_of(item)).text
    assert "Claim it" in early
    moderator_client.post(page_of(item), {"do": "claim"})
    late = mia_client.post(page_of(item), {"do": "claim"})
    assert (late.status_code, "Another moderator is looking at this." in late.text) == (409, True)
    assert "max is looking at this" in late.text and "Claim it" not in late.text
    ruled = mia_client.post(page_of(item), {"do": "overturn", "because": "harmless"})
    assert (ruled.status_code, "Claim it first" in ruled.text) == (409, True)
    assert mia_client.post(page_of(item), {"do": "release"}).status_code == 409
    assert "max has it" in mia_client.get(f"{QUEUE}?state=claimed").text
    assert moderator_client.post(page_of(item), {"do": "release"}).url == f"{QUEUE}?"
    assert mia_client.post(page_of(item), {"do": "claim"}).status_code == 302


def test_next_item_is_the_first_of_the_list_that_nobody_has(moderator_client, mia_client, send):
    spam, threat = send("spam:0.6").queue_item, send("threat:0.6+reported").queue_item
    assert moderator_client.post(QUEUE).url == f"{page_of(threat)}?"
    assert mia_client.post(f"{QUEUE}?category=spam").url == f"{page_of(spam)}?category=spam"
    page = mia_client.post(QUEUE, follow=True)
    assert (page.redirect_chain, "Nothing of this kind waits" in page.text) == ([(f"{QUEUE}?", 302)], True)


def test_next_item_skips_what_somebody_claims_in_the_same_moment(moderator_client, mia, send, monkeypatch):
    first, second = send("spam:0.6").queue_item, send("spam:0.7").queue_item
    seen = queue._candidates

    def late(*wanted):
        found = list(seen(*wanted))
        claim_item(moderator=mia, item_id=first.pk, now=timezone.now())
        return iter(found)

    monkeypatch.setattr(queue, "_candidates", late)
    assert moderator_client.post(QUEUE).url == f"{page_of(second)}?"


def test_hard_text_is_hidden_until_asked_for_and_counted_then(moderator_client, moderator, mia_client, send):
    item = send("threat:0.6+reported he will come").queue_item
    page = moderator_client.get(page_of(item)).text
    assert "he will come" not in page and "threat:0.6" not in page and "Show the text" in page
    for _ in range(2):
        page = moderator_client.post(page_of(item), {"open": "yes"})
        assert (page.status_code, "he will come" in page.text) == (200, True)
    page = moderator_client.post(page_of(item), {"do": "claim", "open": "yes"})
    assert (page.status_code, "he will come" in page.text, "Your ruling" in page.text) == (200, True, True)
    assert "You opened 1 hard text today" in moderator_client.get(QUEUE).text
    assert "You opened" not in mia_client.get(QUEUE).text
    records = DecisionRecord.objects.filter(policy="moderation_queue", rule="read-allowed")
    assert [(r.rule, r.subject_id, r.actor_id) for r in records] == [
        ("read-allowed", item.message.pk, moderator.pk)
    ] * 3


def test_blocked_text_is_opened_on_record_and_overturning_takes_its_strike_back(
    moderator_client, blocked, bea
):
    page = moderator_client.get(page_of(blocked)).text
    assert "number 2" not in page and "Latest strikes: threat" in page
    page = moderator_client.post(page_of(blocked), {"do": "claim", "open": "yes"}).text
    assert "number 2" in page and "Uphold the block" in page
    moderator_client.post(page_of(blocked), {"do": "overturn", "because": "harmless"})
    assert Strike.objects.filter(author=bea, taken_back_at=None).count() == 2
    assert Strike.objects.get(record_id=blocked.decision_id).taken_back_at is not None


def test_text_that_is_gone_is_said_to_be(moderator_client, blocked, bea):
    forget_blocked_by(user_id=bea.pk)
    page = moderator_client.post(page_of(blocked), {"open": "yes"})
    assert (page.status_code, "It is gone" in page.text) == (200, True)


def test_text_of_an_erased_author_is_gone(moderator_client, send, bea):
    item = send("spam:0.6").queue_item
    blank_messages(user_id=bea.pk)
    assert "It is gone" in moderator_client.get(page_of(item)).text


def test_texts_around_are_read_for_a_reason_and_on_record(moderator_client, moderator, send, order):
    send("Is it oak?", minutes=9)
    other = send("spam:0.7", author=order.seller, minutes=8).queue_item
    item = send("insult:0.6", minutes=7).queue_item
    send("Sorry about that.", minutes=6)
    page = moderator_client.get(page_of(item)).text
    assert "Is it oak?" not in page and "Sorry about" not in page and f"{QUEUE}/{other.pk}" in page
    for reason, status in (("", 422), ("odd", 422), ("quality", 403), ("unstated", 403)):
        answer = moderator_client.post(page_of(item), {"do": "around", "reading_for": reason})
        assert (answer.status_code, "Is it oak?" in answer.text) == (status, False), reason
    answer = moderator_client.post(page_of(item), {"do": "around", "reading_for": "danger"})
    assert (
        "Is it oak?" in answer.text and "Sorry about that." in answer.text and "spam:0.7" not in answer.text
    )
    read = DecisionRecord.objects.filter(rule="read-with-reason")
    assert [(r.facts["reading_for"], r.actor_id) for r in read] == [("danger", moderator.pk)] * 2


def test_earlier_rulings_on_alike_texts_and_on_this_author(moderator_client, mia, send, order, bea):
    by_bea = send("spam:0.6", minutes=9).queue_item
    by_sam = send("spam:0.7", author=order.seller, minutes=8).queue_item
    insult = send("insult:0.6", author=order.seller, minutes=7).queue_item
    item = send("spam:0.8 again").queue_item
    for each, verdict in ((by_bea, "uphold"), (by_sam, "overturn"), (insult, "uphold")):
        claim_item(moderator=mia, item_id=each.pk, now=timezone.now())
        resolve_item(
            moderator=mia, item_id=each.pk, verdict=Verdict(verdict), reason="Seen.", now=timezone.now()
        )
    page = moderator_client.get(page_of(item))
    assert [each.pk for each in page.context["alike"]] == [by_sam.pk]
    assert [each.pk for each in page.context["earlier"]] == [by_bea.pk]
    assert "Moderators ruled on 1 other text of this person, and upheld the flag 1 time." in page.text


def test_both_modes_judge_what_was_found(moderator_client, send):
    item = send("insult:0.6").queue_item
    modes = moderator_client.get(page_of(item)).context["modes"]
    assert {mode: decision.outcome for mode, decision in modes.items()} == {
        "normal": "flag",
        "dispute": "allow",
    }


def test_forms_carry_a_token_against_forgery(moderator, send):
    item = send("spam:0.6").queue_item
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(moderator)
    for path, do in ((page_of(item), "claim"), (QUEUE, "")):
        assert browser.post(path, {"do": do}).status_code == 403
    page = browser.get(page_of(item)).text
    assert len(re.findall('<form[^>]* method="post"', page)) == page.count("csrfmiddlewaretoken")
    assert QueueItem.objects.get().state == "open"


def test_page_has_no_accesskey_twice(moderator_client, moderator, send):
    item = send("threat:0.6+reported").queue_item
    pages = [moderator_client.get(QUEUE).text, moderator_client.get(page_of(item)).text]
    claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
    pages.append(moderator_client.get(page_of(item)).text)
    found = [re.findall('accesskey="(.)"', page) for page in pages]
    assert found == [["n"], ["s", "c"], ["s", "u", "o", "g"]]


def test_pages_load_nothing_from_elsewhere(moderator_client, send):
    item = send("spam:0.6").queue_item
    for path in (QUEUE, page_of(item)):
        answer = moderator_client.get(path)
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store" and " style=" not in answer.text


def test_reported_text_stands_where_it_was_written_and_nobody_names_the_reporter(
    moderator_client, send, order
):
    reported = send("Is it oak?", minutes=9)
    send("Hello?", minutes=5)
    report_text(
        reader=order.seller, kind="chat_message", text_id=reported.pk, because="fraud", now=timezone.now()
    )
    page = moderator_client.get(page_of(QueueItem.objects.get()))
    assert (page.context["written_at"], len(page.context["before"]), len(page.context["after"])) == (
        reported.sent_at,
        0,
        1,
    )
    assert "Readers reported it: fraud." in page.text and f"person {order.seller_id}" not in page.text
    assert "/console/decisions/" not in page.text
