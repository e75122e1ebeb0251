"""The moderation status of a text as its readers see it."""

import pytest

from marketplace.moderation.models import Fate, QueueItem, Verdict
from marketplace.moderation.queries import ModerationStatus, moderation_status


def item(held: bool, verdict: str = "", support: str = "") -> QueueItem:
    return QueueItem(
        flagged_for="suspected", message_shown="Later.", support=support, held=held, verdict=verdict
    )


@pytest.mark.parametrize("own", [True, False])
def test_of_a_text_that_nobody_flagged_there_is_nothing_to_tell(own):
    assert moderation_status(None, own=own) == ModerationStatus(Fate.DELIVERED)


@pytest.mark.parametrize(
    ("flagged", "status"),
    [
        (item(held=True), ModerationStatus(Fate.HELD, "suspected", "Later.")),
        (item(held=False), ModerationStatus(Fate.DELIVERED, "suspected", "Later.")),
        (item(held=True, verdict=Verdict.OVERTURN), ModerationStatus(Fate.DELIVERED)),
        (item(held=False, verdict=Verdict.OVERTURN), ModerationStatus(Fate.DELIVERED)),
        (item(held=True, verdict=Verdict.UPHOLD), ModerationStatus(Fate.REMOVED, "suspected")),
        (item(held=False, support="Help."), ModerationStatus(Fate.DELIVERED, "suspected", "Later.", "Help.")),
        (
            item(held=False, verdict=Verdict.OVERTURN, support="Help."),
            ModerationStatus(Fate.DELIVERED, support="Help."),
        ),
    ],
)
def test_author_sees_the_current_status(flagged, status):
    assert moderation_status(flagged, own=True) == status


def test_others_see_neither_reason_nor_support():
    assert moderation_status(item(held=False, support="Help."), own=False) == ModerationStatus(Fate.DELIVERED)
