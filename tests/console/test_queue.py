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
from marketplace.desk.appealing import appeal_decision
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
    assert (
        page.redirect_chain == [(f"{QUEUE}?", 302)] and f"Item {item.pk} breaks a rule: removed." in page.text
    )
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
    assert "Take the next item" not in page.text and "Nothing waits. Well done." in page.text
    assert "No item fits." in mia_client.get(f"{QUEUE}?category=spam").text


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
    assert (page.status_code, "he will come" in page.text, "Does this text break a rule?" in page.text) == (
        200,
        True,
        True,
    )
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
    assert "number 2" not in page and "Latest strikes" in page
    assert "because 3 texts of this person had been refused" in page
    page = moderator_client.post(page_of(blocked), {"do": "claim", "open": "yes"}).text
    assert "number 2" in page and "Breaks a rule: it stays blocked" in page
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
    assert "Moderators ruled on 1 of them: 1 broke a rule." in page.text


def test_rules_of_today_are_told_in_a_line(moderator_client, send):
    insult, threat = send("insult:0.6").queue_item, send("threat:0.9+classifier").queue_item
    assert moderator_client.get(page_of(insult)).context["today"] == [
        "Elsewhere: delivered, and read by a person.",
        "In a dispute: delivered.",
    ]
    assert moderator_client.get(page_of(threat)).context["today"] == [
        "Everywhere: held until a person has read it."
    ]


def test_blocked_text_is_explained_like_any_other(moderator_client, blocked):
    why = "Blocked: a word rule found a threat at 0.99. From 0.80 on, such texts are blocked."
    assert moderator_client.get(page_of(blocked)).context["why"] == why


def test_form_says_what_its_place_tolerates(moderator_client, moderator, send, order, bea):
    said = {}
    chat = send("spam:0.6").queue_item
    complete(order)
    open_dispute(actor=bea, order_id=order.pk, text="spam:0.8", now=timezone.now())
    for item in (chat, QueueItem.objects.get(kind="dispute_message")):
        claim_item(moderator=moderator, item_id=item.pk, now=timezone.now())
        page = moderator_client.get(page_of(item))
        said[item.kind] = page.context["tolerated"]
        assert said[item.kind] in page.text and "A ruling cannot be changed." in page.text
    never = "Threats, abuse, hate and violence are allowed nowhere."
    assert said == {
        "chat_message": f"In a chat, insults and swear words are not allowed; anger is. {never}",
        "dispute_message": f"In a dispute, insults and swear words are tolerated. {never}",
    }


def test_opened_text_stays_open_for_its_claimer_until_the_ruling(
    moderator_client, moderator, mia_client, send, blocked, order
):
    hard = send("threat:0.6+reported he will come", author=order.seller).queue_item
    for item, words in ((hard, "he will come"), (blocked, "number 2")):
        assert moderator_client.post(page_of(item), {"do": "claim"}).status_code == 302
        page = moderator_client.get(page_of(item)).text
        assert words not in page and "Open the text first." in page and 'name="because"' not in page
        moderator_client.post(page_of(item), {"open": "yes"})
        page = moderator_client.get(page_of(item)).text
        assert words in page and 'name="because"' in page
        assert words not in mia_client.get(page_of(item)).text
        records = DecisionRecord.objects.filter(rule="read-allowed", actor_id=moderator.pk)
        assert records.count() == (1 if item == hard else 2)
        moderator_client.post(page_of(item), {"do": "uphold", "because": "threat"})
        assert words not in moderator_client.get(page_of(item)).text


def test_item_says_whether_it_is_appealed(moderator_client, moderator, send, bea):
    held = send("threat:0.9+classifier").queue_item
    claim_item(moderator=moderator, item_id=held.pk, now=timezone.now())
    moderator_client.post(page_of(held), {"open": "yes"})
    assert "There is no open appeal about this text." in moderator_client.get(page_of(held)).text
    appeal_decision(appellant=bea, decision_id=held.decision_id, because="joke", now=timezone.now())
    page = moderator_client.get(page_of(held)).text
    assert "There is an open appeal about this text. If you rule here, somebody else decides it" in page


def test_what_was_given_back_is_not_offered_again(moderator_client, mia_client, send):
    first, second = send("spam:0.6").queue_item, send("spam:0.7").queue_item
    assert moderator_client.post(QUEUE).url == f"{page_of(first)}?"
    page = moderator_client.get(page_of(first)).text
    assert "does not offer it to you again" in page
    moderator_client.post(page_of(first), {"do": "release"})
    assert moderator_client.post(QUEUE).url == f"{page_of(second)}?"
    moderator_client.post(page_of(second), {"do": "release"})
    page = moderator_client.post(QUEUE, follow=True)
    assert "besides what you gave back" in page.text and numbers(page) == [first.pk, second.pk]
    assert mia_client.post(QUEUE).url == f"{page_of(first)}?"
    assert moderator_client.post(page_of(second), {"do": "claim"}).status_code == 302


def test_people_are_named_by_their_role(moderator_client, send, order, bea):
    send("Is it oak?", author=order.seller, minutes=9)
    page = moderator_client.get(page_of(send("spam:0.6").queue_item))
    assert f"Written by person {bea.pk}, the buyer, in the chat" in page.text
    assert [each.who for each in page.context["before"]] == [f"person {order.seller_id}, the seller"]


def test_refused_texts_stand_around_and_are_read_on_record(moderator_client, blocked, bea):
    page = moderator_client.get(page_of(blocked))
    refused = [each.text for each in page.context["before"]]
    assert [(each.is_sealed, each.item_id) for each in refused] == [(True, None), (True, None)]
    strikes = [known for known, _ in page.context["strikes"]]
    assert [known.item_id for known in strikes] == [blocked.pk, None, None]
    assert [known.sealed_id for known in strikes[1:]] == [each.id for each in reversed(refused)]
    assert "number 4" not in page.text and "Read it, on record" in page.text
    answer = moderator_client.post(page_of(blocked), {"do": "sealed", "text": refused[0].id})
    assert (answer.status_code, "number 4" in answer.text, "number 3" in answer.text) == (200, True, False)
    record = DecisionRecord.objects.get(rule="read-allowed")
    assert (record.subject_kind, record.subject_id) == ("blocked_text", refused[0].id)
    forget_blocked_by(user_id=bea.pk)
    for number in (refused[0].id, "x", 10**20):
        answer = moderator_client.post(page_of(blocked), {"do": "sealed", "text": number})
        assert (answer.status_code, "no longer kept" in answer.text) == (422, True)


def test_dispute_leads_to_the_chat_of_its_sale(moderator_client, send, order, bea):
    send("I will not pay.", author=order.seller, minutes=9)
    complete(order)
    open_dispute(actor=bea, order_id=order.pk, text="He wrote threat:0.8+reported", now=timezone.now())
    item = QueueItem.objects.get(kind="dispute_message")
    page = moderator_client.get(page_of(item))
    assert [each.who for each in page.context["chat"]] == [f"person {order.seller_id}, the seller"]
    assert "I will not pay." not in page.text
    answer = moderator_client.post(page_of(item), {"do": "around", "reading_for": "danger"})
    assert "I will not pay." in answer.text


def test_alike_is_also_what_has_the_same_category(moderator_client, mia, send, order):
    classified = send("threat:0.9+classifier", author=order.seller, minutes=9).queue_item
    other = send("spam:0.7", author=order.seller, minutes=8).queue_item
    for each in (classified, other):
        claim_item(moderator=mia, item_id=each.pk, now=timezone.now())
        resolve_item(
            moderator=mia, item_id=each.pk, verdict=Verdict.UPHOLD, reason="Seen.", now=timezone.now()
        )
    item = send("threat:0.6+reported").queue_item
    assert [each.pk for each in moderator_client.get(page_of(item)).context["alike"]] == [classified.pk]


def test_guide_has_the_words_of_the_policies(moderator_client, owner_client):
    page = moderator_client.get("/console/moderation/guide").text
    assert "after 1 day, others may give it back" in page
    assert "In a dispute, insults and swear words are tolerated." in page
    assert "It reports a threat or an offense by somebody else." in page
    assert owner_client.get("/console/moderation/guide").status_code == 403


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
    moderator_client.post(page_of(item), {"open": "yes"})
    pages.append(moderator_client.get(page_of(item)).text)
    found = [re.findall('accesskey="(.)"', page) for page in pages]
    assert found == [["n"], ["s", "c"], ["s", "g"], ["b", "n", "g"]]


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
