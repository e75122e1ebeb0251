"""Only the installed volume stores, returns or deletes evidence; once it is back, everything works again."""

import errno
import io
import os
import shutil
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from structlog.testing import capture_logs

from marketplace.disputes.models import Dispute, EvidenceVolume, Media, PurgeEvidence, SweepRun
from marketplace.disputes.retention import daily
from marketplace.disputes.retention.daily import sweep_daily
from marketplace.disputes.retention.orphans import find_orphans
from marketplace.disputes.storage import files
from marketplace.disputes.storage.store import (
    MARKER,
    ObjectMissing,
    StorageUnavailable,
    WrongVolume,
    open_storage,
    open_store,
)
from marketplace.disputes.storage.watch import StorageWatch
from tests.evidence import files_in, keep_locally
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db
DUE = NOW + DAYS_90


def unmount(evidence: Path) -> Path:
    """Like an unmounted volume: its folder disappears. Returns where it is now."""
    return evidence.rename(evidence.with_name("unmounted"))


def mount(volume: Path, evidence: Path) -> None:
    if evidence.exists():
        shutil.rmtree(evidence)
    volume.rename(evidence)


def leave_nothing(evidence: Path) -> None:
    unmount(evidence)


def leave_mount_point(evidence: Path) -> None:
    unmount(evidence)
    evidence.mkdir()


def leave_stub(evidence: Path) -> None:
    """What a server of an earlier version created."""
    unmount(evidence)
    (evidence / "e").mkdir(parents=True)


def leave_another_volume(evidence: Path) -> None:
    leave_stub(evidence)
    (evidence / MARKER).write_text("11111111-2222-3333-4444-555555555555\n")


GONE = [leave_nothing, leave_mount_point, leave_stub, leave_another_volume]


@pytest.fixture(params=GONE, ids=lambda param: param.__name__)
def gone(request, evidence: Path, media: Media) -> Path:
    """A volume with a file on it, which is not mounted."""
    request.param(evidence)
    return evidence.with_name("unmounted")


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


def test_nothing_is_put_read_or_listed_without_the_volume(gone, evidence, dispute, media, bea):
    before = tree(evidence)
    store = open_store()
    for act in (
        lambda: store.put("e/new", io.BytesIO(PDF), size=len(PDF)),
        lambda: store.fetch(media.key),
        lambda: store.remove(media.key),
        lambda: list(store.objects()),
        store.check,
        lambda: add_media(dispute, bea),
        lambda: find_orphans(now=LATER),
    ):
        with pytest.raises(WrongVolume):
            act()
    assert (tree(evidence), evidence.exists()) == (before, bool(before) or evidence.exists())
    mount(gone, evidence)
    assert add_media(dispute, bea).state == "live"
    with open_store().fetch(media.key) as file:
        assert file.read() == PDF


def test_folder_of_evidence_is_never_made_by_a_write(evidence, dispute, bea):
    unmount(evidence)
    with pytest.raises(WrongVolume):
        add_media(dispute, bea)
    assert not evidence.exists()


def test_sweep_without_the_volume_begins_nothing_and_seals_nothing(gone, evidence, dispute, media, ada):
    close(dispute, ada)
    with pytest.raises(WrongVolume):
        sweep_at(DUE)
    assert (SweepRun.objects.count(), PurgeEvidence.objects.count()) == (0, 0)
    assert (Media.objects.get().state, Dispute.objects.get().purge_started_at) == ("live", None)
    with pytest.raises(CommandError, match="the storage is unusable: "):
        call_command("retention", "sweep")
    mount(gone, evidence)
    assert [item.media_id for item in sweep_at(DUE).deleted] == [media.pk]
    assert files_in(evidence) == []


def test_volume_that_goes_in_the_middle_of_a_sweep_leaves_the_rest_to_the_next(
    evidence, dispute, bea, ada, monkeypatch
):
    kept = [add_media(dispute, bea) for _ in range(3)]
    close(dispute, ada)
    remove, removed = files.EvidenceFiles.remove, []

    def remove_one_then_lose_the_volume(self, key: str, *, volume: str) -> None:
        remove(self, key, volume=volume)
        removed.append(key)
        leave_stub(evidence)

    with monkeypatch.context() as losing:
        losing.setattr(files.EvidenceFiles, "remove", remove_one_then_lose_the_volume)
        swept = sweep_at(DUE)

    assert removed == [kept[0].key]
    assert [item.media_id for item in swept.left] == [media.pk for media in kept[1:]]
    assert [row.media_id for row in PurgeEvidence.objects.all()] == [kept[0].pk]
    mount(evidence.with_name("unmounted"), evidence)
    assert [item.media_id for item in sweep_at(DUE).deleted] == [media.pk for media in kept[1:]]


def test_daily_sweep_waits_for_the_volume_says_so_once_and_then_sweeps(evidence, dispute, media, ada):
    now = timezone.now()
    close(dispute, ada, now=now - DAYS_90)
    daily.cache.clear()
    volume = unmount(evidence)
    with capture_logs() as logs:
        assert [sweep_daily(now=now) for _ in range(3)] == [0, 0, 0]
    waits = [line for line in logs if line["event"] == "retention_sweep_waits"]
    assert [line["reason"] for line in waits] == ["the evidence volume is missing: it has no marker"]
    assert SweepRun.objects.count() == 0
    mount(volume, evidence)
    assert sweep_daily(now=now) == 1


def test_object_that_is_written_while_the_volume_goes_is_on_the_volume(evidence):
    class Body(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if evidence.exists() and not (evidence.parent / "unmounted").exists():
                leave_stub(evidence)
            return super().read(size)

    open_store().put("e/late", Body(PDF), size=len(PDF))
    assert (evidence.parent / "unmounted" / "e" / "late").read_bytes() == PDF
    assert files_in(evidence) == []


def test_what_the_watch_says_is_what_is_wrong(gone):
    said = StorageWatch(patience=30).problem()
    assert said.startswith(("the evidence volume is missing: ", "wrong evidence volume: "))


def test_another_folder_by_setting_is_another_volume(tmp_path, settings):
    keep_locally(settings, tmp_path / "new")
    assert StorageWatch(patience=30).problem() == "the evidence volume is missing: it has no marker"
    call_command("evidence", "install", "--adopt")
    assert StorageWatch(patience=30).problem() is None


# A full disk.


def test_file_that_does_not_fit_leaves_nothing(evidence, dispute, bea):
    class Body(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                assert len(files_in(evidence)) == 1  # half of it is written
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().read(3)

    with pytest.raises(StorageUnavailable, match="No space left on device"):
        open_store().put("e/large", Body(PDF), size=len(PDF))
    assert files_in(evidence) == []
    assert add_media(dispute, bea).state == "live"


def test_file_that_is_there_stays_where_a_second_one_comes(evidence, media):
    with pytest.raises(StorageUnavailable):
        open_store().put(media.key, io.BytesIO(b"other"), size=5)
    assert (evidence / media.key).read_bytes() == PDF


Disk = namedtuple("Disk", "f_bavail f_frsize f_files f_favail")
FULL = "the evidence folder: the disk is almost full"


@pytest.mark.parametrize(
    ("disk", "said"),
    [
        (Disk(10**9, 4096, 10**6, 10**6), None),
        (Disk(10**9, 4096, 0, 0), None),  # does not count inodes
        (Disk(files.ROOM // 4096, 4096, 0, 0), FULL),
        (Disk(0, 4096, 10**6, 10**6), FULL),
        (Disk(10**9, 4096, 10**6, 0), FULL),
    ],
)
def test_full_disk_is_a_problem_before_somebody_meets_it(monkeypatch, disk, said):
    monkeypatch.setattr(files, "os", SimpleNamespace(**{**vars(os), "fstatvfs": lambda _: disk}))
    assert StorageWatch(patience=30).problem() == said


def test_volume_that_is_mounted_read_only_is_a_problem(monkeypatch):
    monkeypatch.setattr(files, "os", SimpleNamespace(**{**vars(os), "access": lambda *_, **__: False}))
    assert StorageWatch(patience=30).problem() == "the evidence folder: not writable"


# A bucket is a volume too.


def test_emptied_bucket_gives_and_takes_nothing_until_it_is_restored(bucket, dispute, media, bea, ada):
    kept = bucket.client.get_object(Bucket=bucket.name, Key=MARKER)["Body"].read()
    bucket.client.delete_object(Bucket=bucket.name, Key=MARKER)
    close(dispute, ada)
    for act in (
        lambda: open_store().put("e/new", io.BytesIO(PDF), size=len(PDF)),
        lambda: open_store().fetch(media.key),
        lambda: open_store().remove(media.key),
        lambda: sweep_at(DUE),
    ):
        with pytest.raises(WrongVolume, match="it has no marker"):
            act()
    assert StorageWatch(patience=30).problem() == "the evidence volume is missing: it has no marker"
    bucket.client.put_object(Bucket=bucket.name, Key=MARKER, Body=kept)
    assert StorageWatch(patience=30).problem() is None
    assert [item.media_id for item in sweep_at(DUE).deleted] == [media.pk]
    with pytest.raises(ObjectMissing):
        open_store().fetch(media.key)


def test_bucket_of_another_installation_is_recognized(bucket):
    bucket.client.put_object(Bucket=bucket.name, Key=MARKER, Body=b"11111111-2222-3333-4444-555555555555\n")
    with pytest.raises(WrongVolume, match="wrong evidence volume"):
        open_store().put("e/new", io.BytesIO(PDF), size=len(PDF))


@pytest.mark.parametrize("storage", ["evidence", "bucket"])
def test_marker_is_no_object_and_is_not_overwritten(request, storage):
    request.getfixturevalue(storage)
    assert list(open_store().objects()) == []
    with pytest.raises(StorageUnavailable):
        open_storage().write_marker("another")
    assert open_storage().read_marker() == str(EvidenceVolume.current().identity)
