"""Uploads to a dispute, and what a crash or a failing storage leaves behind."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from decisions import Denied
from marketplace.disputes.media import preparing
from marketplace.disputes.media.links import follow_link, sign_link
from marketplace.disputes.media.slots import AT_ONCE, MediaBusy, media_slot
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.storage.store import StorageUnavailable, open_store
from tests.evidence import files_in
from tests.marketplace.disputes.factories import PDF, add_media, close, make_image, make_upload
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db
GPS = 0x8825
ORIENTATION = 0x0112


def photo(format: str) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 30.0, 0.0)})
    return make_image(format, exif=exif, **({"comment": b"mine"} if format == "JPEG" else {}))


def kept(media: Media) -> bytes:
    with open_store().fetch(media.key) as file:
        return file.read()


def test_file_is_kept_under_a_random_key_with_its_hash(evidence, media, dispute, bea):
    assert (media.state, media.kind, media.label, media.size) == ("live", "pdf", "receipt.pdf", len(PDF))
    assert kept(media) == PDF
    stored = evidence / media.key
    assert (stored.stat().st_mode & 0o777, stored.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert add_media(dispute, bea).key != media.key


@pytest.mark.parametrize(("format", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_image_is_turned_upright_and_loses_its_metadata(dispute, bea, format, name):
    sent = photo(format)
    assert b"Exif" in sent or b"eXIf" in sent or b"EXIF" in sent
    media = add_media(dispute, bea, content=sent + b"<?php echo 1; ?>", name=name)
    made = kept(media)
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size, dict(image.getexif())) == (format, (16, 24), {})
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "loop",
            "background",
            "timestamp",
            "duration",
        }
    assert b"php" not in made and b"mine" not in made
    assert (media.size, len(made)) == (len(made), media.size)


def test_failing_storage_shows_nothing_and_the_sweep_clears_up(dispute, bea, monkeypatch):
    def fail(self, key, content, *, size):
        raise StorageUnavailable("full")

    monkeypatch.setattr(type(open_store()), "put", fail)
    with pytest.raises(StorageUnavailable):
        add_media(dispute, bea)
    media = Media.objects.get()
    assert (media.state, media.doom_rule) == ("doomed", "upload-failed")


def test_full_disk_is_a_storage_that_is_unavailable(evidence, dispute, bea):
    shutil.rmtree(evidence / "e")
    (evidence / "e").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable):
        add_media(dispute, bea)
    assert Media.objects.get().state == "doomed"


@pytest.mark.parametrize(
    ("content", "name"), [(make_image(), "a.png"), (photo("JPEG"), "a.jpg")], ids=["png", "jpeg"]
)
def test_no_room_for_an_image_that_is_made_anew_is_no_fault_of_the_image(content, name, monkeypatch):
    upload = make_upload(content, name)
    with upload.content, Path("/dev/full").open("wb") as full:
        monkeypatch.setattr(preparing.tempfile, "TemporaryFile", lambda: full)
        with pytest.raises(StorageUnavailable), preparing.prepare(upload):
            pass


def test_failed_uploads_do_not_use_up_the_places(dispute, bea, policies, monkeypatch):
    policies("disputes", "value: 10", "value: 1")
    with monkeypatch.context() as broken:
        broken.setattr(type(open_store()), "put", lambda *a, **k: (_ for _ in ()).throw(StorageUnavailable()))
        for _ in range(3):
            with pytest.raises(StorageUnavailable):
                add_media(dispute, bea)
    assert add_media(dispute, bea).place == 4


def test_same_key_is_never_written_twice(media):
    with pytest.raises(StorageUnavailable):
        open_store().put(media.key, io.BytesIO(b"other"), size=5)
    assert kept(media) == PDF


def test_one_person_adds_so_many_files_and_no_more(dispute, bea, sam, policies):
    policies("disputes", "value: 10", "value: 2")
    for person in (bea, bea, sam):
        add_media(dispute, person)
    with pytest.raises(Denied) as denied:
        add_media(dispute, bea)
    assert denied.value.decision.rule == "too-many-files"
    assert Dispute.objects.get().media_count == Media.objects.count() == 3


def test_one_person_has_so_much_space_over_all_disputes(dispute, media, bea, policies):
    policies("disputes", "value: 200000000\n    min: 1000000", f"value: {2 * len(PDF) - 1}\n    min: 1")
    with pytest.raises(Denied) as denied:
        add_media(dispute, bea)
    assert denied.value.decision.rule == "too-many-bytes"


def test_closed_dispute_takes_no_file(evidence: Path, dispute, bea, ada):
    close(dispute, ada)
    with pytest.raises(Denied) as denied:
        add_media(dispute, bea)
    assert denied.value.decision.rule == "dispute-closed"
    assert (Media.objects.count(), files_in(evidence)) == (0, [])


def test_stranger_adds_nothing(dispute, ben):
    with pytest.raises(Dispute.DoesNotExist):
        add_media(dispute, ben)


def test_more_work_than_there_are_turns_is_put_off(dispute, bea, monkeypatch):
    monkeypatch.setattr("marketplace.disputes.media.slots.WAIT_SECONDS", 0.01)
    turns = [media_slot() for _ in range(AT_ONCE)]
    for turn in turns:
        turn.__enter__()
    try:
        with pytest.raises(MediaBusy):
            add_media(dispute, bea)
    finally:
        for turn in turns:
            turn.__exit__(None, None, None)
    assert add_media(dispute, bea).state == "live"


def test_link_is_good_for_its_media_only(dispute, media, bea):
    other = add_media(dispute, bea, now=NOW)
    token = sign_link(media)
    assert follow_link(media.pk, token) == media
    for wrong in (token[:-1], "", sign_link(other)):
        with pytest.raises(Media.DoesNotExist):
            follow_link(media.pk, wrong)
