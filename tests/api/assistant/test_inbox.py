"""Signed in: all messages are in the inbox, on both surfaces, visible only to their owner."""

import pytest

from marketplace.assistant.models import Conversation, Message
from marketplace.moderation.models import QueueItem
from tests.api.callers import Caller, problem_of, refusal_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


@pytest.fixture
def started(base, buyer, clock):
    def start(message: str = "Where is my parcel?", **more: object):
        clock.forward(minutes=1)
        return buyer.post(f"{base}/conversations", {"message": message, **more}).json()

    return start


def titles(base: str, caller: Caller) -> list[str]:
    return [item["title"] for item in caller.get(f"{base}/conversations").json()["items"]]


def test_conversation_begins_with_a_message_and_its_answer(base, buyer, desk, clock):
    response = buyer.post(f"{base}/conversations", {"message": "Can I review it?", "product_id": desk.pk})
    assert response.status_code == 201
    body = response.json()
    messages = body.pop("messages")
    assert body == {
        "id": body["id"],
        "title": "Can I review it?",
        "product_id": desk.pk,
        "unread": 1,
        "last_seq": 2,
        "read_seq": 0,
        "created_at": "2026-11-01T12:00:00.000000Z",
        "updated_at": "2026-11-01T12:00:00.000000Z",
    }
    asked, answered = messages
    assert (asked["author"], asked["topic"], asked["moderation"]["state"]) == ("user", None, "delivered")
    assert answered["decision"] == {
        "policy": "review_eligibility",
        "version": 1,
        "revision": 0,
        "in_force_at": "2026-11-01T12:00:00.000000Z",
        "outcome": "deny",
        "rule": "seller-must-confirm",
        "reason": "seller-must-confirm",
    }
    assert answered["text"].startswith("Walnut desk: The seller has not confirmed this sale to you yet.")
    assert buyer.get(f"{base}/conversations/{body['id']}").json() == body


def test_inbox_is_newest_first_and_paged(base, buyer, started, clock):
    names = [f"Message number {n}" for n in range(5)]
    first, *_ = [started(name) for name in names]
    clock.forward(minutes=1)
    buyer.post(f"{base}/conversations/{first['id']}/messages", {"text": "And then?"})

    expected = [names[0], *reversed(names[1:])]
    assert titles(base, buyer) == expected
    page = buyer.get(f"{base}/conversations?limit=2").json()
    shown = [item["title"] for item in page["items"]]
    while page["next"]:
        page = buyer.get(f"{base}/conversations?limit=2&cursor={page['next']}").json()
        shown += [item["title"] for item in page["items"]]
    assert shown == expected


def test_cursor_of_one_surface_is_good_on_the_other(buyer, clock):
    for number in range(3):
        clock.forward(minutes=1)
        buyer.post("/assistant/conversations", {"message": f"Message number {number}"})
    page = buyer.get("/assistant/conversations?limit=2").json()
    rest = buyer.get(f"/assistant/ninja/conversations?cursor={page['next']}").json()
    assert [item["title"] for item in rest["items"]] == ["Message number 0"]


@pytest.mark.parametrize("amount", [1, 10])
def test_inbox_costs_the_same_however_long_it_is(base, buyer, started, amount, django_assert_num_queries):
    for _ in range(amount):
        started()
    with django_assert_num_queries(2):  # the token, and the conversations with their counts
        assert len(buyer.get(f"{base}/conversations").json()["items"]) == amount


def test_what_is_read_is_no_longer_counted(base, buyer, started):
    number = started()["id"]
    path = f"{base}/conversations/{number}"
    buyer.post(f"{path}/messages", {"text": "And then?"})
    assert buyer.get(f"{base}/session").json()["inbox"] == {"unread": 2}
    assert buyer.patch(path, {"read_seq": 2}).json()["unread"] == 1
    assert buyer.patch(path, {"read_seq": 4}).json()["unread"] == 0
    assert buyer.patch(path, {"read_seq": 1}).json()["unread"] == 0
    assert buyer.get(f"{base}/session").json()["inbox"] == {"unread": 0}


def test_owner_renames_exports_and_erases(base, buyer, started):
    number = started("Call me: +49 170 1234567 about my desk")["id"]
    path = f"{base}/conversations/{number}"
    assert titles(base, buyer) == ["Call me: [phone] about my desk"]
    assert buyer.patch(path, {"title": "  The   desk\u200b "}).json()["title"] == "The desk"

    exported = buyer.get(f"{path}/export")
    assert exported["Content-Disposition"] == f'attachment; filename="conversation-{number}.json"'
    assert exported.json()["messages"] == buyer.get(f"{path}/messages").json()["items"]
    assert exported.json()["messages"][0]["text"] == "Call me: +49 170 1234567 about my desk"

    assert buyer.delete(path).status_code == 204
    assert refusal_of(buyer.get(path)) == (404, "not-found")
    assert refusal_of(buyer.delete(path)) == (404, "not-found")
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("rest", ["", "/messages", "/export"])
def test_foreign_and_unknown_conversations_get_the_same_answer(base, started, other_buyer, rest):
    number = started()["id"]
    foreign = other_buyer.get(f"{base}/conversations/{number}{rest}")
    unknown = other_buyer.get(f"{base}/conversations/{number + 1}{rest}")
    assert refusal_of(foreign) == (404, "not-found")
    assert foreign.content == unknown.content


def test_blocked_message_is_refused_in_the_words_of_the_policy(base, buyer, started):
    number = started()["id"]
    refused = buyer.post(f"{base}/conversations/{number}/messages", {"text": "threat:0.99"})
    document = problem_of(refused)
    assert (document["status"], document["policy"], document["code"]) == (
        403,
        "moderation_profiles",
        "blocked",
    )
    assert len(buyer.get(f"{base}/conversations/{number}/messages").json()["items"]) == 2


def test_support_is_shown_beside_the_message(base, buyer, started):
    message = started("self_harm:0.6")["messages"][0]
    assert message["moderation"]["support"]


def test_moderator_reads_a_flagged_message_until_its_owner_erases_it(base, buyer, moderator, started):
    number = started("spam:0.6 about my desk")["id"]
    [item] = moderator.get("/api/v1/moderation/queue").json()["items"]
    assert (item["kind"], item["text"]) == ("assistant_message", "spam:0.6 about my desk")
    assert item["thread"] == {"kind": "assistant", "id": buyer.id}
    assert item["subject_id"] == Message.objects.get(queue_item__isnull=False).pk

    buyer.delete(f"{base}/conversations/{number}")
    [item] = moderator.get("/api/v1/moderation/queue").json()["items"]
    assert (item["text"], item["subject_id"]) == ("", None)
    assert QueueItem.objects.count() == 1


def test_logging_in_brings_nothing_along(base, buyer, anonymous):
    path = f"{base}/ephemeral/messages"
    state = anonymous.post(path, {"text": "Can I review?"}).json()["state"]
    anonymous.token = buyer.token
    refused = anonymous.post(path, {"text": "Why?", "state": state})

    assert refusal_of(refused) == (409, "logged-in")
    cookie = refused.cookies["asst"]
    assert (cookie.value, cookie["max-age"]) == ("", 0)
    assert Conversation.objects.count() == 0
    answered = anonymous.post(f"{base}/conversations", {"message": "Why?", "state": state})
    assert refusal_of(answered) == (422, "invalid-request")
    assert (
        anonymous.post(f"{base}/conversations", {"message": "Why?"}).json()["messages"][1]["topic"]
        == "unknown"
    )


@pytest.mark.parametrize("path", ["/session", "/settings", "/conversations"])
def test_ephemeral_cookie_is_removed_unread(base, buyer, path):
    buyer.client.cookies["asst"] = "garbage"
    cookie = buyer.get(base + path).cookies["asst"]
    assert (cookie.value, cookie["max-age"], cookie["path"], cookie["samesite"]) == ("", 0, "/", "Lax")


def test_session_says_who_it_is(base, buyer, started):
    started()
    assert buyer.get(f"{base}/session").json() == {
        "lane": "inbox",
        "authenticated": True,
        "user": {"id": buyer.id, "username": "bea"},
        "expires_at": None,
        "message": "This conversation is kept in your inbox.",
        "inbox": {"unread": 1},
    }


def test_answer_from_before_revisions_is_readable(base, buyer, desk, clock):
    sent = buyer.post(f"{base}/conversations", {"message": "Can I review it?", "product_id": desk.pk}).json()
    message = Message.objects.get(pk=sent["messages"][1]["id"])
    decision = message.about["decision"]
    old = {name: decision[name] for name in ("policy", "version", "outcome", "rule", "reason")}
    Message.objects.filter(pk=message.pk).update(about=message.about | {"decision": old})
    clock.forward(days=1)
    [_, answered] = buyer.get(f"{base}/conversations/{sent['id']}/messages").json()["items"]
    assert answered["decision"] == old | {"revision": 0, "in_force_at": answered["sent_at"]}
