"""Two moderators rule on one appeal at the same moment: one ruling counts, and the text is delivered once."""

from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision
from marketplace.moderation.models import Appeal, BlockedText
from tests.marketplace.factories import NOW, make_order, make_product, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(sam, scale) -> list[Appeal]:
    """One for each of several buyers, since each would have to pause after three blocked texts."""
    return [open_appeal(number, sam) for number in range(scale.races)]


def open_appeal(number: int, sam) -> Appeal:
    buyer = make_user(f"buyer{number}", "buyer")
    order = make_order(buyer, make_product(sam, f"Chair {number}"))
    with pytest.raises(Denied):
        send_message(author=buyer, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    blocked = BlockedText.objects.get(author=buyer)
    return appeal_decision(
        appellant=buyer, decision_id=blocked.decision_id, because="joke", now=NOW + timedelta(seconds=1)
    )


def test_one_of_two_rulings_counts(race, opened, max_, mia):
    for appeal in opened:
        answers = race(("rule_appeal", max_.pk, appeal.pk), ("rule_appeal", mia.pk, appeal.pk))
        assert sorted(answers) == ["overturned", "ruled-already"]
        appeal.refresh_from_db()
        assert appeal.ruled_by == (max_ if answers[0] == "overturned" else mia)
        assert DecisionRecord.objects.get(pk=appeal.ruling_id).actor_id == appeal.ruled_by_id
        assert Message.objects.filter(author=appeal.author).count() == 1
    assert BlockedText.objects.filter(kept_for="sample").count() == len(opened)


@pytest.mark.postgresql
def test_naive_twin_gives_two_rulings(race, opened, max_, mia):
    """The trigger that fixes a closed appeal is what stops the second of them."""
    answers = [
        race(("rule_naively", max_.pk, appeal.pk), ("rule_naively", mia.pk, appeal.pk)) for appeal in opened
    ]
    stopped = [one for pair in answers for one in pair if "a closed appeal never changes" in one]
    assert len(stopped) >= len(opened) // 3
