"""Both storages fulfill the same contract; S3 is tested against a real server."""

import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import SuspiciousFileOperation

from marketplace.disputes.storage.store import ObjectMissing, StorageUnavailable, open_store

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["files", "s3"])
def store(request):
    if request.param == "s3":
        request.getfixturevalue("bucket")
    return open_store()


def key() -> str:
    return f"e/{uuid.uuid4().hex}"


def put(store, name: str, content: bytes) -> None:
    store.put(name, io.BytesIO(content), size=len(content))


def read(store, name: str) -> bytes:
    with store.fetch(name) as file:
        return file.read()


@pytest.mark.parametrize("content", [b"", b"evidence", b"x" * 3_000_000])
def test_object_comes_back_as_it_was(store, content):
    name = key()
    put(store, name, content)
    assert read(store, name) == content


def test_object_is_never_overwritten(store):
    name = key()
    put(store, name, b"first")
    with pytest.raises(StorageUnavailable):
        put(store, name, b"second")
    assert read(store, name) == b"first"


def test_removed_object_is_absent_and_removing_again_is_fine(store):
    name = key()
    put(store, name, b"evidence")
    for _ in range(2):
        store.remove(name)
        with pytest.raises(ObjectMissing):
            store.fetch(name)
    assert name not in {stored.key for stored in store.objects()}


def test_objects_are_listed_with_size_and_age(store):
    names = {key() for _ in range(3)}
    for name in names:
        put(store, name, b"12345")
    listed = {stored.key: stored for stored in store.objects()}
    assert set(listed) == names
    assert {stored.size for stored in listed.values()} == {5}
    age = [datetime.now(UTC) - stored.modified_at for stored in listed.values()]
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
        put(open_store(), name, b"x")
    assert list(tmp_path.rglob("outside")) == []
