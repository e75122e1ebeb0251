"""The state tables match the services, and the database enforces them without the services."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from decisions import Denied
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.services import close_dispute, reopen_dispute
from marketplace.disputes.states import DISPUTE_MOVES, MEDIA_MOVES, DisputeStatus, MediaState
from tests.marketplace.disputes.factories import DAYS_90, close
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db

ACTS = {"close": close_dispute, "reopen": reopen_dispute}
DISPUTE_PAIRS = {(before, after) for (before, _), after in DISPUTE_MOVES.items()}
MEDIA_PAIRS = {(before, after) for (before, _), after in MEDIA_MOVES.items()}
STAMP = {
    "closed_at": NOW,
    "retain_until": NOW + DAYS_90,
    "retain_policy": "retention@1",
    "retain_digest": "x",
}
NO_STAMP = {"closed_at": None, "retain_until": None, "retain_policy": "", "retain_digest": ""}


def bring_dispute_to(status: str, dispute: Dispute, agent) -> Dispute:
    if status != "open":
        close(dispute, agent)
    if status == "reopened":
        reopen_dispute(actor=agent, dispute_id=dispute.pk, reason="…", now=NOW)
    return Dispute.objects.get(pk=dispute.pk)


@pytest.mark.parametrize(("status", "act"), list(product(DisputeStatus.values, ACTS)))
def test_service_moves_as_the_table_says(dispute, ada, status, act):
    bring_dispute_to(status, dispute, ada)
    wanted = DISPUTE_MOVES.get((status, act))
    try:
        moved = ACTS[act](actor=ada, dispute_id=dispute.pk, reason="…", now=NOW).status
    except Denied:
        moved = None
    assert moved == wanted


@pytest.mark.parametrize(("before", "after"), list(product(DisputeStatus.values, DisputeStatus.values)))
def test_database_moves_disputes_as_the_table_says(dispute, ada, before, after):
    bring_dispute_to(before, dispute, ada)
    stamp = STAMP if after == "closed" else NO_STAMP
    allowed = before == after or (before, after) in DISPUTE_PAIRS
    assert is_allowed(Dispute, dispute.pk, status=after, **stamp) == allowed


def bring_media_to(state: str, media: Media) -> None:
    """By transitions in the table; starts the purge of its dispute if necessary."""
    paths = {
        "uploading": [],
        "quarantined": ["quarantined"],
        "live": ["live"],
        "doomed": ["doomed"],
        "purged": ["doomed", "purged"],
    }
    for step in paths[state]:
        Media.objects.filter(pk=media.pk).update(**columns(step))


def columns(state: str) -> dict[str, object]:
    gone = state in {"doomed", "purged"}
    return {"state": state, "doom_rule": "time-is-up" if gone else "", "label": ""}


@pytest.fixture
def intent(dispute, bea, ada) -> Media:
    """A row whose object is not stored yet, in a dispute whose purge has begun."""
    common = {"dispute": dispute, "uploader": bea, "kind": "pdf", "size": 1, "sha256": "0" * 64}
    media = Media.objects.create(place=1, key="e/1", created_at=NOW, **common)
    close(dispute, ada)
    Dispute.objects.filter(pk=dispute.pk).update(purge_started_at=NOW + DAYS_90)
    return media


@pytest.mark.parametrize(("before", "after"), list(product(MediaState.values, MediaState.values)))
def test_database_moves_media_as_the_table_says(intent, before, after):
    bring_media_to(before, intent)
    allowed = before == after or (before, after) in MEDIA_PAIRS
    assert is_allowed(Media, intent.pk, **columns(after)) == allowed


def is_allowed(model, pk: int, **changes: object) -> bool:
    try:
        with transaction.atomic():
            model.objects.filter(pk=pk).update(**changes)
    except IntegrityError as refused:
        assert "does not move like that" in str(refused) or "is gone" in str(refused)
        return False
    return True
