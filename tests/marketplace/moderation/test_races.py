"""Two moderators claim the same item at the same moment, and one author insults twice at once."""

import pytest

from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.moderation.models import Insult, QueueItem
from marketplace.moderation.reviewing import claim_item
from tests.marketplace.factories import NOW, make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def items(order, bea, scale) -> list[QueueItem]:
    sent = [
        send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW) for _ in range(scale.races)
    ]
    return [message.queue_item for message in sent]


def test_one_of_two_moderators_gets_the_item(race, items, max_, mia):
    for item in items:
        answers = race(("claim", max_.pk, item.pk), ("claim", mia.pk, item.pk))
        assert sorted(answers) == ["already-claimed", "claimed"]
        item.refresh_from_db()
        assert item.claimed_by == (max_ if answers[0] == "claimed" else mia)


@pytest.mark.postgresql
def test_naive_twin_gives_it_to_both(race, items, max_, mia):
    answers = [
        race(("claim_naively", max_.pk, item.pk), ("claim_naively", mia.pk, item.pk)) for item in items
    ]
    assert answers.count(("claimed", "claimed")) >= len(items) // 3


def test_item_is_resolved_once(race, items, max_):
    for item in items:
        claim_item(moderator=max_, item_id=item.pk, now=NOW)
        job = ("resolve", max_.pk, item.pk)
        assert sorted(race(job, job)) == ["already-resolved", "resolved"]


def test_item_is_either_resolved_or_released(race, items, max_):
    for number, item in enumerate(items):
        claim_item(moderator=max_, item_id=item.pk, now=NOW)
        jobs = ("resolve", max_.pk, item.pk), ("release", max_.pk, item.pk)
        ruled, released = race(*jobs) if number % 2 else race(*jobs[::-1])[::-1]
        assert (ruled, released) in {("resolved", "already-resolved"), ("not-claimed", "released")}
        item.refresh_from_db()
        assert item.state == ("resolved" if ruled == "resolved" else "open")


def test_insults_sent_at_once_are_counted_one_after_the_other(race, bea, sam, scale):
    for number in range(max(1, scale.races // 10)):
        chat_id = make_order(bea, make_product(sam, f"Chair {number}")).chat_id
        job = ("insult", bea.pk, chat_id)
        answers = [answer for _ in range(2) for answer in race(job, job)]
        assert sorted(answers) == ["insults-are-abuse[normal]", "sent", "sent", "sent"]
        assert Message.objects.filter(chat=chat_id).count() == 3
    assert Insult.objects.count() == 3 * max(1, scale.races // 10)
