"""The storage is checked only now and then, however often somebody asks, and a hang blocks nobody."""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from marketplace.disputes.storage import watch
from marketplace.disputes.storage.store import StorageUnavailable
from marketplace.disputes.storage.watch import SLOW, StorageWatch
from tests.sampling import sample

pytestmark = pytest.mark.django_db
AT_ONCE = 8


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """One entry per check of the storage; each reports that it is gone."""
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        raise StorageUnavailable("gone")

    use(monkeypatch, check)
    return asked


def use(monkeypatch, check: Callable[[], None]) -> None:
    monkeypatch.setattr(watch, "open_store", lambda: SimpleNamespace(check=check))


@pytest.mark.parametrize("storage", ["evidence", "bucket"])
def test_storage_that_works_has_no_problem_before_and_after_something_is_kept(request, storage):
    request.getfixturevalue(storage)
    assert StorageWatch(patience=30).problem() is None


def test_folder_that_cannot_be_written_is_a_problem(evidence):
    shutil.rmtree(evidence / "e")
    (evidence / "e").write_text("a file, where the folder should be")
    assert StorageWatch(patience=30).problem() == "the evidence folder: Not a directory"


def test_missing_bucket_is_a_problem(bucket):
    bucket.client.delete_bucket(Bucket=bucket.name)
    assert StorageWatch(patience=30).problem() == "the bucket does not exist"
    bucket.client.create_bucket(Bucket=bucket.name)


@pytest.mark.parametrize("mode", sample(["error", "down", "hang"], every=3))
def test_failing_bucket_is_a_problem_and_none_once_it_is_back(failing, mode):
    watch = StorageWatch(every=0)
    failing.turn(mode)
    assert watch.problem() == SLOW if mode == "hang" else watch.problem() is not None
    failing.turn("pass")
    deadline = time.monotonic() + 60
    while watch.problem() is not None:
        assert time.monotonic() < deadline


def test_storage_is_asked_once_in_a_while_however_many_want_to_know(asked):
    watch = StorageWatch(every=60, patience=30)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = list(pool.map(lambda _: watch.problem(), range(20)))
    assert problems == ["gone"] * 20
    assert len(asked) == 1


def test_storage_is_asked_again_after_a_while(asked):
    watch = StorageWatch(every=0, patience=30)
    assert [watch.problem() for _ in range(3)] == ["gone"] * 3
    assert len(asked) == 3


def test_one_that_hangs_is_waited_for_by_nobody_and_asked_by_one(monkeypatch):
    goes_on, asked, answered = threading.Event(), [], []

    def check() -> None:
        asked.append(1)
        goes_on.wait(600)
        answered.append(1)

    use(monkeypatch, check)
    watch = StorageWatch(every=0, patience=0.05)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert list(pool.map(lambda _: watch.problem(), range(AT_ONCE))) == [SLOW] * AT_ONCE
        assert (len(asked), len(answered)) == (1, 0)
    finally:
        goes_on.set()


def test_what_nobody_foresaw_is_a_problem_and_no_failure(monkeypatch):
    def check() -> None:
        raise ValueError("a secret of the settings")

    use(monkeypatch, check)
    assert StorageWatch(patience=30).problem() == "unusable: see the log"
