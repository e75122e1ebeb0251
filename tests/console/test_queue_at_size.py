"""The queue's pages read with the same number of queries, whatever the number of items, rulings and records."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.chats.models import Chat, Message
from marketplace.moderation.models import Appeal, QueueItem, Strike
from tests.conftest import SIZE
from tests.many_rows import allow_long_statements, analyze
from tests.marketplace.factories import make_product, make_user

ITEMS = 20_000 if SIZE == "full" else 60
QUERIES = {
    "queue": 9,
    "queue?category=spam&place=chat_message": 9,
    "queue?state=resolved": 9,
    "queue?state=claimed": 9,
    "queue?after=1": 8,
    "queue/{item}": 20,
    "appeals": 3,
    "appeals?state=upheld": 3,
    "appeals/{appeal}": 19,
    "guide": 2,
}
"""Two are for the session and the user."""
SPAM = {
    "category": "spam", "score": 0.6, "start": 0, "end": 4, "detector": "lexicon", "version": "1", "rule": "spam.word",
    "reported": False, "quoted": False,
}  # fmt: skip


@pytest.fixture
def item(db: None, moderator: User) -> QueueItem:
    """Of the items of one author in one chat, a third is resolved, a third claimed and a third open."""
    bea, sam, mia = (
        make_user(n, r) for n, r in (("bea", Role.BUYER), ("sam", Role.SELLER), ("mia", Role.MODERATOR))
    )
    chat = Chat.objects.create(product=make_product(sam), buyer=bea, seller=sam, last_seq=2 * ITEMS)
    now = timezone.now() - timedelta(days=1)
    allow_long_statements()
    texts = {
        "policy": "moderation_profiles", "version": 1, "digest": "sha256:0", "subject_kind": "chat",
        "subject_id": chat.pk, "facts": {}, "rule": "flagged[normal/spam]", "outcome": "flag", "duration_us": 1,
    }  # fmt: skip
    first = 1_000_000  # beyond what a sequence of PostgreSQL has reached
    DecisionRecord.objects.bulk_create(
        [DecisionRecord(pk=first + n, actor_id=bea.pk, decided_at=now, **texts) for n in range(ITEMS)],
        batch_size=500,
    )
    read = texts | {
        "policy": "moderation_queue",
        "outcome": "allow",
        "rule": "read-allowed",
        "subject_kind": "chat_message",
    }
    DecisionRecord.objects.bulk_create(
        [DecisionRecord(actor_id=moderator.pk, decided_at=timezone.now(), **read) for _ in range(ITEMS)],
        batch_size=500,
    )
    states = [
        {"state": "open"},
        {"state": "claimed", "claimed_by": moderator, "claimed_at": now},
        {
            "state": "resolved", "claimed_by": mia, "claimed_at": now, "verdict": "uphold", "reason": "Seen.",
            "resolved_by": mia, "resolved_at": now,
        },
    ]  # fmt: skip
    QueueItem.objects.bulk_create(
        [
            QueueItem(
                pk=first + n, kind="chat_message", thread_kind="chat", thread_id=chat.pk, author=(bea, sam)[n // 3 % 2],
                decision_id=first + n, flagged_for="flagged", message_shown="Sent.", urgent=False, held=False,
                language="english", signals=[SPAM], created_at=now, **states[n % 3],
            )
            for n in range(ITEMS)
        ],
        batch_size=500,
    )  # fmt: skip
    Message.objects.bulk_create(
        [
            Message(
                pk=first + n, chat=chat, seq=n + 1, author=bea, text="spam", sent_at=now,
                queue_item_id=first + n // 2 if n % 2 else None,
            )
            for n in range(2 * ITEMS)
        ],
        batch_size=500,
    )  # fmt: skip
    Strike.objects.bulk_create(
        [Strike(author=bea, category="threat", record_id=first + n, at=now) for n in range(ITEMS)]
    )
    ruled = {"state": "upheld", "ruled_by": mia, "ruled_at": now, "reason": "Seen."}
    Appeal.objects.bulk_create(
        [
            Appeal(
                appellant_id=each.author_id, author_id=each.author_id, kind=each.kind, thread_kind="chat", thread_id=chat.pk,
                decision_id=each.decision_id, item=each, decided_at=now, because="misread", opened_at=now,
                **(ruled if each.pk % 2 else {}),
            )
            for each in QueueItem.objects.all()
        ],
        batch_size=500,
    )  # fmt: skip
    analyze()
    return QueueItem.objects.filter(state="open", author=bea).order_by("pk")[7]


def test_pages_cost_as_many_queries_at_any_size(item, moderator_client):
    appeal = Appeal.objects.filter(state="open").earliest("pk").pk
    asked = {}
    for path in QUERIES:
        address = f"/console/moderation/{path.format(item=item.pk, appeal=appeal)}"
        page = moderator_client.get(address)
        assert page.status_code == 200, path
        with CaptureQueriesContext(connection) as captured:
            moderator_client.get(address)
        asked[path] = len(captured)
    assert asked == QUERIES
    page = moderator_client.get(f"/console/moderation/queue/{item.pk}")
    assert [len(page.context[name]) for name in ("before", "after", "alike", "earlier", "strikes")] == [
        5,
        0,
        5,
        5,
        5,
    ]
