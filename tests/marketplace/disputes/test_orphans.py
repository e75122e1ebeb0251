"""Objects without a row and rows without an object are reported; only the objects are deleted, on request, after a day."""

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from marketplace.disputes.retention.orphans import find_orphans, remove_orphans
from marketplace.disputes.storage.store import open_store

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def put_object(evidence: Path, key: str, *, age: timedelta) -> None:
    open_store().put(key, BytesIO(b"lost"), size=4)
    moment = (datetime.now(UTC) - age).timestamp()
    os.utime(evidence / key, (moment, moment))


def test_object_without_a_row_is_reported_after_a_day(evidence, media):
    put_object(evidence, "e/old", age=25 * HOUR)
    put_object(evidence, "e/new", age=23 * HOUR)
    orphans = find_orphans(now=datetime.now(UTC))
    assert ([stored.key for stored in orphans.objects], orphans.rows) == (["e/old"], ())
    remove_orphans(orphans.objects)
    assert {stored.key for stored in open_store().objects()} == {"e/new", media.key}


def test_object_with_a_row_is_no_orphan_however_old(evidence, media):
    os.utime(evidence / media.key, (0, 0))
    assert find_orphans(now=datetime.now(UTC)).objects == ()


def test_row_without_an_object_is_reported_and_left(evidence, media):
    (evidence / media.key).unlink()
    orphans = find_orphans(now=datetime.now(UTC))
    assert (orphans.objects, orphans.rows) == ((), (media,))
