"""An author's past is looked up only if there is any, so what counts as a past must not be missed."""

from marketplace.moderation.models import Insult, Strike
from marketplace.moderation.past import past_of
from marketplace.moderation.thread import Thread
from tests.marketplace.factories import LATER, NOW

HERE, ELSEWHERE = Thread("chat", 1), Thread("dispute", 1)


def test_strikes_count_everywhere_until_they_are_taken_back(bea, sam) -> None:
    assert past_of(bea, HERE) == (False, False)
    strike = Strike.objects.create(author=bea, category="threat", record_id=1, at=NOW)
    assert (past_of(bea, HERE), past_of(bea, ELSEWHERE)) == ((True, False), (True, False))
    assert past_of(sam, HERE) == (False, False)
    strike.taken_back_at = LATER
    strike.save()
    assert past_of(bea, HERE) == (False, False)


def test_insults_count_in_their_thread(bea, sam) -> None:
    Insult.objects.create(thread_kind="chat", thread_id=1, author=bea, at=NOW)
    assert past_of(bea, HERE) == (False, True)
    assert past_of(bea, ELSEWHERE) == past_of(bea, Thread("chat", 2)) == past_of(sam, HERE) == (False, False)
