"""Two sweepers, killed repeatedly at work, while people reopen and hold disputes."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from decisions import Denied
from marketplace.disputes.holds import place_hold
from marketplace.disputes.models import Dispute, Media, PurgeEvidence
from marketplace.disputes.retention.orphans import find_orphans
from marketplace.disputes.retention.verifying import verify_evidence
from marketplace.disputes.services import reopen_dispute
from marketplace.disputes.storage.store import open_store
from marketplace.errors import Refused
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close, make_dispute
from tests.marketplace.disputes.racing import finish, job, racer, start_mortal
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)
DUE = NOW + DAYS_90
SWEEPERS = 2
DISPUTES_A_ROUND = 8
FILES = 2
STORAGES = [
    pytest.param("files", marks=pytest.mark.full_on("postgresql")),
    pytest.param("s3", marks=pytest.mark.full),
]


@pytest.fixture(params=STORAGES)
def storage(request, evidence) -> dict[str, str]:
    """The environment in which another process uses this test's evidence storage."""
    if request.param == "files":
        return {"COMITY_EVIDENCE_DIR": str(evidence)}
    bucket = request.getfixturevalue("bucket")
    options = bucket.options() | {"seconds": "60"}  # the machine may be busy
    return {f"COMITY_S3_{name.upper()}": value for name, value in options.items()}


@pytest.fixture
def sweepers(storage, database_url) -> Iterator[list[subprocess.Popen[str]]]:
    with ExitStack() as stack:
        environment = {**storage, "DATABASE_URL": database_url}
        yield [stack.enter_context(racer(environment, "mortal")) for _ in range(SWEEPERS)]


def test_nothing_is_lost_early_or_left_behind(sweepers, bea, sam, ada, scale):
    dice = random.Random(7)
    wanted = max(2, scale.kills * 2 // 5)
    kills, rounds, kept, refused, usual = 0, 0, set(), 0, 0.2
    young = make_closed(bea, sam, ada, "young", closed_at=NOW + timedelta(microseconds=1))
    while (kills < wanted or not kept or not refused) and rounds < 5 * wanted:
        rounds += 1
        disputes = [make_closed(bea, sam, ada, f"{rounds}.{n}") for n in range(DISPUTES_A_ROUND)]
        with ExitStack() as stack:
            for sweeper in sweepers:
                child = start_mortal(sweeper, job("sweep", 0, DUE))
                stack.enter_context(killing(child, after=dice.uniform(0, usual)))
            for dispute in dice.sample(disputes, DISPUTES_A_ROUND // 2):
                time.sleep(dice.uniform(0, usual / 4))
                if insist(dispute, bea, ada, hold=dice.random() < 0.5):
                    kept.add(dispute.pk)
                else:
                    refused += 1
            answers = [finish(sweeper) for sweeper in sweepers]
        kills += answers.count("")
        usual = max([float(seconds) for seconds in answers if seconds], default=2 * usual)
    assert kills >= wanted
    assert kept and refused
    expect_all(kept | {young.pk})


def test_upload_that_is_killed_leaves_no_object_without_a_row(
    storage, database_url, dispute, bea, scale, policies, settings
):
    policies("disputes", "value: 10\n    min: 1\n    max: 50", "value: 9000\n    min: 1\n    max: 9000")
    environment = {
        **storage,
        "DATABASE_URL": database_url,
        "COMITY_POLICIES_DIR": str(settings.COMITY_POLICIES_DIR),
    }
    dice = random.Random(7)
    with racer(environment, "mortal") as uploader:
        for _ in range(max(2, scale.kills // 5)):
            before = Media.objects.filter(state="live").count()
            child = start_mortal(uploader, job("upload", dispute.pk, NOW, bea.pk))
            wait_for(lambda: Media.objects.filter(state="live").count() > before)  # noqa: B023
            with killing(child, after=dice.uniform(0, 0.2)):
                assert finish(uploader) == ""
    live = Media.objects.filter(state="live")
    assert {stored.key for stored in open_store().objects()} <= set(
        Media.objects.values_list("key", flat=True)
    )
    sweep_at(NOW + timedelta(days=1))
    assert set(Media.objects.values_list("state", flat=True)) <= {"live", "purged"}
    assert {stored.key for stored in open_store().objects()} == {media.key for media in live}
    for media in live:
        with open_store().fetch(media.key) as file:
            assert file.read() == PDF


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def killing(process: int, *, after: float) -> Iterator[None]:
    """kill -9 at a random point of its work; after it, the kill does not count."""
    timer = threading.Timer(after, os.kill, [process, signal.SIGKILL])
    timer.start()
    yield
    timer.join()


def make_closed(bea, sam, ada, name: str, closed_at=NOW) -> Dispute:
    dispute = make_dispute(complete(make_order(bea, make_product(sam, name))))
    for _ in range(FILES):
        add_media(dispute, bea)
    return close(dispute, ada, now=closed_at)


def insist(dispute: Dispute, bea, ada, *, hold: bool) -> bool:
    """Whether somebody managed to keep the media."""
    try:
        if hold:
            place_hold(actor=ada, dispute_id=dispute.pk, reason="Court.", now=LATER)
        else:
            reopen_dispute(actor=bea, dispute_id=dispute.pk, reason="Again.", now=LATER)
    except (Denied, Refused):
        return False
    return True


def expect_all(kept: set[int]) -> None:
    """After one undisturbed sweep, everything is gone except what was kept, and the evidence matches."""
    assert sweep_at(DUE).left == ()
    assert set(Media.objects.exclude(dispute__in=kept).values_list("state", flat=True)) <= {"purged"}
    alive = Media.objects.filter(dispute__in=kept)
    assert set(alive.values_list("state", flat=True)) == {"live"}
    for media in alive:
        with open_store().fetch(media.key) as file:
            assert file.read() == PDF
    assert {stored.key for stored in open_store().objects()} == {media.key for media in alive}
    purged = Media.objects.filter(state="purged")
    assert set(PurgeEvidence.objects.values_list("media_id", flat=True)) == {media.pk for media in purged}
    assert not PurgeEvidence.objects.filter(retain_until__gt=DUE).exists()
    verified = verify_evidence()
    assert (verified.problems, verified.unsealed, verified.sealed) == ((), 0, purged.count())
    assert find_orphans(now=LATER).rows == ()
