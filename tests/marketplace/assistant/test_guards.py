"""What the database refuses, whatever the code."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.assistant.models import Conversation, Message
from marketplace.moderation.models import QueueItem
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change", [{"title": ""}, {"read_seq": 3}, {"last_seq": 0, "read_seq": 1}], ids=["title", "read", "last"]
)
def test_conversation_that_makes_no_sense_is_refused(start, change):
    start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.update(**change)


def test_place_in_a_conversation_is_taken_once(start):
    conversation = start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(conversation=conversation, seq=1, author="user", text="x", sent_at=NOW)


@pytest.mark.parametrize(("author", "flagged"), [("somebody", False), ("assistant", True)])
def test_message_of_nobody_and_flagged_answer_are_refused(start, author, flagged):
    conversation = start("spam:0.6 about my desk")
    item = QueueItem.objects.get() if flagged else None
    Message.objects.filter(author="user").delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            conversation=conversation, seq=9, author=author, text="x", sent_at=NOW, queue_item=item
        )


def test_flagged_message_keeps_its_item(start):
    start("spam:0.6 about my desk")
    with pytest.raises(IntegrityError, match="a flagged text keeps its queue item"), transaction.atomic():
        Message.objects.filter(author="user").update(queue_item=None)
