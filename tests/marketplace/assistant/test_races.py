"""Two browsers of one user at the same moment."""

import pytest

from api.models import IdempotencyKey
from marketplace.assistant.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)

GONE = {"DoesNotExist: Conversation matching query does not exist.", "conversation-deleted"}


def test_messages_said_at_once_are_both_kept_and_answered(race, start, bea, scale):
    conversation = start()
    job = ("say_to_assistant", bea.pk, conversation.pk)
    for _ in range(scale.races):
        assert {answer.partition(" ")[0] for answer in race(job, job)} == {"said"}
    messages = Message.objects.filter(conversation=conversation).order_by("seq")
    assert [message.seq for message in messages] == list(range(1, 4 * scale.races + 3))
    assert [message.author for message in messages].count("assistant") == 2 * scale.races + 1


def test_conversation_erased_while_something_is_said_is_gone_as_a_whole(race, start, bea, scale):
    for _ in range(scale.races):
        conversation = start()
        said, erased = race(("say_to_assistant", bea.pk, conversation.pk), ("erase", bea.pk, conversation.pk))
        assert erased == "erased"
        assert said == "said 3" or said in GONE
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("act", ["post_to_assistant", "post_to_ninja"])
def test_one_key_says_one_thing_once_and_gets_one_answer(race, start, bea, scale, act):
    for _ in range(scale.races // 2):
        job = (act, bea.pk, start().pk)
        first, second = race(job, job)
        assert first == second
        assert first.startswith("201 ")
    assert Message.objects.count() == 4 * IdempotencyKey.objects.count() == 4 * (scale.races // 2)


@pytest.mark.parametrize("act", ["start_with_assistant", "start_with_ninja"])
def test_one_key_starts_one_conversation(race, bea, scale, act):
    for number in range(scale.races // 2):
        job = (act, bea.pk, number)
        first, second = race(job, job)
        assert first == second
        assert first.startswith("201 ")
    assert Conversation.objects.count() == IdempotencyKey.objects.count() == scale.races // 2
