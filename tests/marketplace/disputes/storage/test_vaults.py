"""Both storages keep the same promises; the S3 one is asked of a real server."""

import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import SuspiciousFileOperation

from marketplace.disputes.storage.vault import ObjectMissing, StorageUnavailable, open_vault

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["files", "s3"])
def vault(request):
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return open_vault()


def key() -> str:
    return f"e/{uuid.uuid4().hex}"


def put(vault, name: str, content: bytes) -> None:
    vault.put(name, io.BytesIO(content), size=len(content))


def read(vault, name: str) -> bytes:
    with vault.fetch(name) as file:
        return file.read()


@pytest.mark.parametrize("content", [b"", b"evidence", b"x" * 3_000_000])
def test_object_comes_back_as_it_was(vault, content):
    name = key()
    put(vault, name, content)
    assert read(vault, name) == content


def test_object_is_never_overwritten(vault):
    name = key()
    put(vault, name, b"first")
    with pytest.raises(StorageUnavailable):
        put(vault, name, b"second")
    assert read(vault, name) == b"first"


def test_removed_object_is_absent_and_removing_again_is_fine(vault):
    name = key()
    put(vault, name, b"evidence")
    for _ in range(2):
        vault.remove(name)
        with pytest.raises(ObjectMissing):
            vault.fetch(name)
    assert name not in {stored.key for stored in vault.objects()}


def test_objects_are_listed_with_size_and_age(vault):
    names = {key() for _ in range(3)}
    for name in names:
        put(vault, name, b"12345")
    found = {stored.key: stored for stored in vault.objects()}
    assert set(found) == names
    assert {stored.size for stored in found.values()} == {5}
    age = [datetime.now(UTC) - stored.modified_at for stored in found.values()]
    assert max(age) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/outside",
        "e/../../outside",
        "outside",
        "e/",
        "e/..",
        "e/deeper/outside",
        "e/volume",
    ],
)
def test_key_never_leaves_its_place(tmp_path, name):
    with pytest.raises(SuspiciousFileOperation):
        put(open_vault(), name, b"x")
    assert list(tmp_path.rglob("outside")) == []
