"""Evidence in S3: overridden defaults of django-storages, and a server that is down, slow or failing."""

import io
import urllib.error
import urllib.request

import pytest

from marketplace.disputes.models import Media
from marketplace.disputes.retention.orphans import find_orphans
from marketplace.disputes.services import open_dispute
from marketplace.disputes.storage.store import ObjectMissing, StorageUnavailable, open_storage, open_store
from marketplace.orders.services import confirm
from tests.marketplace.disputes.factories import DAYS_90, PDF, add_media, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW
from tests.sampling import sample

pytestmark = pytest.mark.django_db

LARGE = PDF[:-7] + b" " * 2_000_000 + PDF[-7:]


def test_unsafe_defaults_are_overridden(bucket):
    store = open_storage()
    assert (store.file_overwrite, store.default_acl, store.querystring_auth) == (False, None, True)
    assert (store.querystring_expire, store.custom_domain, store.gzip) == (60, None, False)
    assert store.client_config.signature_version == "s3v4"
    assert store.client_config.retries == {"total_max_attempts": 1}


def test_object_is_encrypted_where_that_is_asked_for(bucket, settings):
    options = settings.STORAGES["evidence"]["OPTIONS"] | {"encryption": "AES256"}
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": options},
    }
    assert open_storage().object_parameters == {"ServerSideEncryption": "AES256"}


def test_nobody_reads_an_object_without_the_secret(bucket, media):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{bucket.endpoint}/{bucket.name}/{media.key}", timeout=60)
    assert refused.value.code == 403
    refused.value.close()


def test_purge_removes_every_version(bucket, dispute, bea, ada):
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    media = add_media(dispute, bea)
    bucket.client.put_object(Bucket=bucket.name, Key=media.key, Body=b"another version")
    bucket.client.delete_object(Bucket=bucket.name, Key=media.key)
    close(dispute, ada)
    assert len(sweep_at(NOW + DAYS_90).deleted) == 1
    left = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=media.key)
    assert (left.get("Versions"), left.get("DeleteMarkers")) == (None, None)


def test_sweep_and_orphans_work_on_the_bucket(bucket, dispute, media, ada):
    open_store().put("e/lost", io.BytesIO(b"lost"), size=4)
    orphans = find_orphans(now=LATER.replace(year=2100))
    assert ([stored.key for stored in orphans.objects], orphans.rows) == (["e/lost"], ())
    close(dispute, ada)
    assert [item.media_id for item in sweep_at(NOW + DAYS_90).deleted] == [media.pk]
    with pytest.raises(ObjectMissing):
        open_store().fetch(media.key)


@pytest.mark.parametrize("mode", sample(["down", "hang", "slow", "error", "reset"], every=2))
def test_upload_to_a_failing_server_fails_cleanly(failing, dispute, bea, ada, mode):
    failing.turn(mode)
    with pytest.raises(StorageUnavailable):
        add_media(dispute, bea, content=LARGE)
    assert failing.tries == 1
    assert [(m.state, m.doom_rule) for m in Media.objects.all()] == [("doomed", "upload-failed")]
    failing.turn("pass")
    assert add_media(dispute, bea).state == "live"


@pytest.mark.parametrize("mode", sample(["hang", "down", "error"], every=3))
def test_reading_and_sweeping_fail_cleanly_and_go_on_later(failing, dispute, bea, ada, mode):
    media = add_media(dispute, bea)
    close(dispute, ada)
    failing.turn(mode)
    with pytest.raises(StorageUnavailable):
        open_store().fetch(media.key)
    assert failing.tries == 1
    with pytest.raises(StorageUnavailable):
        sweep_at(NOW + DAYS_90)
    assert Media.objects.get().state == "live"
    failing.turn("pass")
    assert [item.media_id for item in sweep_at(NOW + DAYS_90).deleted] == [media.pk]


def test_everything_else_works_while_the_server_is_down(failing, order, bea, sam, ada):
    failing.turn("down")
    for side in (bea, sam):
        confirm(actor=side, order_id=order.pk, now=NOW)
    dispute = open_dispute(actor=bea, order_id=order.pk, text="It arrived broken.", now=NOW)
    assert close(dispute, ada).status == "closed"
