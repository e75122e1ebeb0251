"""What a reader of a text is told about its moderation."""

import pytest

from marketplace.moderation.models import Fate, QueueItem, Verdict
from marketplace.moderation.queries import Told, told_about


def item(held: bool, verdict: str = "", support: str = "") -> QueueItem:
    return QueueItem(flagged_for="suspected", told="Later.", support=support, held=held, verdict=verdict)


@pytest.mark.parametrize("own", [True, False])
def test_of_a_text_that_nobody_flagged_there_is_nothing_to_tell(own):
    assert told_about(None, own=own) == Told(Fate.DELIVERED)


@pytest.mark.parametrize(
    ("flagged", "told"),
    [
        (item(held=True), Told(Fate.HELD, "suspected", "Later.")),
        (item(held=False), Told(Fate.DELIVERED, "suspected", "Later.")),
        (item(held=True, verdict=Verdict.OVERTURN), Told(Fate.DELIVERED)),
        (item(held=False, verdict=Verdict.OVERTURN), Told(Fate.DELIVERED)),
        (item(held=True, verdict=Verdict.UPHOLD), Told(Fate.REMOVED, "suspected")),
        (item(held=False, support="Help."), Told(Fate.DELIVERED, "suspected", "Later.", "Help.")),
        (item(held=False, verdict=Verdict.OVERTURN, support="Help."), Told(Fate.DELIVERED, support="Help.")),
    ],
)
def test_author_is_told_what_holds_now(flagged, told):
    assert told_about(flagged, own=True) == told


def test_others_are_told_neither_why_nor_of_support():
    assert told_about(item(held=False, support="Help."), own=False) == Told(Fate.DELIVERED)
