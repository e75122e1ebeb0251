"""`manage.py retention` as an operator sees it."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.disputes.holds import place_hold
from marketplace.disputes.models import Dispute, Media
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close, make_dispute
from tests.marketplace.factories import LATER, complete, make_order, make_product

pytestmark = pytest.mark.django_db
CLOSED = datetime(2100, 3, 1, 12, 0, tzinfo=UTC)  # later than any clock that runs these tests
DUE = (CLOSED + DAYS_90).isoformat()


@pytest.fixture(autouse=True)
def debug(settings) -> None:
    settings.DEBUG = True


@pytest.fixture
def closed(dispute, media, ada) -> Dispute:
    return close(dispute, ada, now=CLOSED)


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("retention", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_plan_and_sweep_print_the_same_list(closed, media, bea, sam, ada):
    other = make_dispute(complete(make_order(bea, make_product(sam, "Brass lamp"))))
    held = add_media(other, sam)
    close(other, ada, now=CLOSED)
    place_hold(actor=ada, dispute_id=other.pk, reason="Court.", now=LATER)

    planned, swept = run("plan", "--at", DUE), run("sweep", "--at", DUE, "--confirm")

    size = len(PDF)
    assert planned == [
        f"media {media.pk} of dispute {closed.pk}, {size} bytes, time-is-up",
        f"to delete, time-is-up: 1 file of 1 dispute, {size} bytes",
        f"to delete: 1 file of 1 dispute, {size} bytes",
        f"kept, legal-hold: 1 file of 1 dispute, {size} bytes",
        f"kept: 1 file of 1 dispute, {size} bytes",
    ]
    assert swept == [line.replace("to delete", "deleted") for line in planned]
    assert set(Media.objects.values_list("pk", "state")) == {(media.pk, "purged"), (held.pk, "live")}


def test_plan_changes_nothing(closed):
    run("plan", "--at", DUE)
    assert (Media.objects.get().state, Dispute.objects.get().purge_started_at) == ("live", None)


def test_rehearsal_without_confirmation_says_what_to_do(closed):
    with pytest.raises(CommandError, match=r" after .*\nhint: .*--confirm"):
        run("sweep", "--at", DUE)
    assert Media.objects.get().state == "live"


@pytest.mark.parametrize("text", ["tomorrow", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"])
def test_time_needs_an_offset(text):
    with pytest.raises(CommandError, match=f"`{text}` is not a time with an offset"):
        run("plan", "--at", text)


def test_restamp_shows_then_applies(closed, policies):
    policies("retention", "value: 90d", "value: 30d")
    shown = f"dispute {closed.pk}: {DUE} -> {(CLOSED + timedelta(days=30)).isoformat()} (-60 days)"
    assert run("restamp") == [shown]
    assert run("restamp", "--apply") == [f"{shown}: not stamped, since it needs --allow-shorter"]
    assert run("restamp", "--apply", "--allow-shorter") == [f"{shown}: stamped"]
    assert run("restamp") == []


def test_verify_tells_the_head(closed):
    assert run("verify") == ["0 records sealed, 0 not yet", f"head {'0' * 64}"]
    run("sweep", "--at", DUE, "--confirm")
    counts, head = run("verify")
    assert counts == "1 record sealed, 0 not yet"
    assert run("verify", "--head", head.removeprefix("head ")) == [counts, head]
    with pytest.raises(CommandError, match="the known head is not in the chain"):
        run("verify", "--head", "f" * 64)


def test_orphans_are_listed_and_missing_objects_are_an_error(evidence, closed, media):
    assert run("orphans", "--apply") == ["0 objects deleted"]
    (evidence / media.key).unlink()
    with pytest.raises(CommandError, match="restore it from a backup"):
        run("orphans")


def test_scanning_needs_a_scanner():
    with pytest.raises(CommandError, match="COMITY_SCANNER"):
        call_command("scan_media")
