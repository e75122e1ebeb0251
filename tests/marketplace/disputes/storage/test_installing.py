"""`manage.py evidence install` marks a volume once, and refuses a wrong one."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from decisions import triggers
from marketplace.disputes.models import EvidenceVolume
from marketplace.disputes.storage.store import MARKER, WrongVolume, open_store
from tests.evidence import keep_locally
from tests.marketplace.disputes.conftest import keep_in_bucket

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(evidence: Path, tmp_path: Path, settings) -> Path:
    """A storage without a volume, and a database that knows none."""
    triggers.lift()
    EvidenceVolume.objects.all().delete()
    keep_locally(settings, tmp_path / "fresh")
    return tmp_path / "fresh"


def install(*options: str) -> str:
    out = StringIO()
    call_command("evidence", "install", *options, stdout=out)
    return out.getvalue()


def current() -> str:
    return str(EvidenceVolume.current().identity)


def test_new_place_is_made_and_marked_once(fresh):
    with pytest.raises(WrongVolume, match=r"run `manage.py evidence install`"):
        open_store()
    first = install()
    assert first == f"evidence volume {current()}: installed\n"
    assert ((fresh / "e").stat().st_mode & 0o777, (fresh / MARKER).stat().st_mode & 0o777) == (0o700, 0o600)
    assert (fresh / MARKER).read_text().splitlines()[0] == current()
    assert install() == f"evidence volume {current()}: in place\n"
    assert EvidenceVolume.objects.count() == 1
    open_store().check()


def test_files_of_an_earlier_version_are_taken_over_where_they_all_are(media, fresh, evidence, settings):
    (evidence / MARKER).unlink()
    with pytest.raises(CommandError, match="it lacks 1 file that can still be downloaded\nhint: mount"):
        install()
    assert not fresh.exists()
    keep_locally(settings, evidence)
    install()
    with open_store().fetch(media.key):
        pass


def test_files_that_are_lost_for_good_are_accepted_by_a_person(media, fresh):
    install("--accept-missing")
    open_store().check()


@pytest.mark.parametrize("there", ["nothing", "another"])
def test_another_volume_is_taken_only_if_somebody_says_so(evidence, there):
    known = current()
    (evidence / MARKER).unlink()
    if there == "another":
        (evidence / MARKER).write_text("11111111-2222-3333-4444-555555555555\n")
    with pytest.raises(CommandError, match=r"the database knows an evidence volume, .*\nhint: .*--adopt"):
        install()
    assert current() == known
    install("--adopt")
    assert current() != known
    open_store().check()


def test_volume_of_another_database_is_taken_only_if_somebody_says_so(fresh, evidence, settings):
    keep_locally(settings, evidence)
    with pytest.raises(
        CommandError, match=r"this evidence volume belongs to another database\nhint: .*--adopt"
    ):
        install()
    install("--adopt")
    assert (evidence / MARKER).read_text().startswith(current())


@pytest.mark.parametrize("content", ["", "\n", "6ba7b8"])
def test_damaged_marker_is_reported_and_can_be_replaced(fresh, content):
    """An installation that was killed may leave one."""
    (fresh / "e").mkdir(parents=True)
    (fresh / MARKER).write_text(content)
    for options in ((), ("--adopt",)):
        with pytest.raises(
            CommandError, match=r"marker of this evidence volume is damaged\nhint: .*`e/volume`"
        ):
            install(*options)
    assert EvidenceVolume.current() is None
    (fresh / MARKER).unlink()
    install()
    open_store().check()


def test_volume_is_not_known_where_its_marker_could_not_be_written(fresh):
    fresh.write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="the storage is unusable: the evidence folder: "):
        install()
    assert EvidenceVolume.objects.count() == 0


def test_bucket_is_marked_once(bucket, settings):
    first = current()
    assert install() == f"evidence volume {first}: in place\n"
    other = f"{bucket.name}-other"
    bucket.client.create_bucket(Bucket=other)
    keep_in_bucket(settings, other, bucket.endpoint, s3_seconds=60)
    with pytest.raises(CommandError, match="the current one has no marker"):
        install()
    install("--adopt")
    assert current() != first
    bucket.client.delete_bucket(Bucket=other)


def test_missing_bucket_is_reported(bucket, settings):
    keep_in_bucket(settings, f"{bucket.name}-none", bucket.endpoint, s3_seconds=60)
    with pytest.raises(CommandError, match="the storage is unusable: the bucket does not exist"):
        install()


def test_known_volumes_are_append_only(evidence):
    with pytest.raises(Exception, match="is append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM disputes_evidencevolume")
