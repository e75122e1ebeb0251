"""Reopening and holding against the tombstone, in processes that act at the same moment, repeatedly."""

import pytest

from decisions import triggers
from marketplace.disputes.models import Dispute, Hold, Media
from tests.marketplace.disputes.factories import DAYS_90, add_media, close, make_dispute
from tests.marketplace.disputes.racing import job
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)
DUE = NOW + DAYS_90


@pytest.fixture
def disputes(bea, sam, ada, scale) -> list[Dispute]:
    """Closed disputes with a file each that is due when they race."""
    made = []
    for number in range(scale.races):
        dispute = make_dispute(complete(make_order(bea, make_product(sam, f"Chair {number}"))))
        add_media(dispute, bea)
        made.append(close(dispute, ada))
    return made


def is_lost(dispute: Dispute) -> bool:
    """Reopened or held, but its media is doomed anyway."""
    dispute.refresh_from_db()
    doomed = Media.objects.filter(dispute=dispute, state="doomed").exists()
    return doomed and (dispute.status != "closed" or Hold.objects.filter(dispute=dispute).exists())


@pytest.mark.parametrize(
    ("act", "won", "refused"),
    [
        ("reopen", "reopened", {"media-gone"}),
        ("hold", "held", {"purge-begun"}),
    ],
)
def test_either_the_purge_or_the_people_win(race, disputes, ada, act, won, refused):
    for number, dispute in enumerate(disputes):
        jobs = job("purge", dispute.pk, DUE), job(act, dispute.pk, LATER, ada.pk)
        purge, people = race(*jobs) if number % 2 else race(*jobs[::-1])[::-1]
        assert (purge, people) == ("spared", won) or (purge == "purging" and people in refused)
        state = Media.objects.get(dispute=dispute).state
        assert state == ("live" if purge == "spared" else "doomed")
    assert not any(is_lost(dispute) for dispute in disputes)


@pytest.mark.postgresql
@pytest.mark.parametrize(("act", "granted"), [("reopen_naively", "reopened"), ("hold_naively", "held")])
def test_naive_twin_loses(race, disputes, ada, act, granted):
    """Tells people that the media is kept, but deletes it."""
    triggers.lift()  # they would save even this one
    answers = [
        race(job("purge_naively", dispute.pk, DUE), job(act, dispute.pk, LATER, ada.pk))
        for dispute in disputes
    ]
    assert answers.count(("purging", granted)) >= len(disputes) // 3


def test_two_tombstones_at_once_are_one(race, disputes):
    for dispute in disputes:
        jobs = job("purge", dispute.pk, DUE)
        assert sorted(race(jobs, jobs)) == ["purging", "spared"]
