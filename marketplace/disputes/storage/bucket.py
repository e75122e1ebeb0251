"""Evidence in an S3 bucket: the client of django-storages with safe settings, and a timeout for everything."""

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from marketplace.disputes.storage.store import (
    MARKER,
    MARKER_BYTES,
    PREFIX,
    ObjectMissing,
    StorageUnavailable,
    StoredObject,
    expect_volume,
    read_words,
    write_words,
)

CHUNK = 64 * 1024
MISSING = {"404", "NoSuchKey", "NotFound"}
NO_BUCKET = "NoSuchBucket"
NO_VERSIONS = {"NotImplemented", "MethodNotAllowed", "501"}


class DeadlinePassed(Exception):
    """Reading or writing a body took too long; becomes StorageUnavailable."""


@deconstructible(path="marketplace.disputes.storage.bucket.EvidenceBucket")
class EvidenceBucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """`seconds` bounds each transfer; connecting and waiting for a response have shorter limits. Nothing is retried: the caller
    gets the error and may retry."""

    def __init__(self, *, seconds: float, encryption: str = "", **options: Any) -> None:
        self._seconds = seconds
        config = Config(
            connect_timeout=seconds / 6,
            read_timeout=seconds / 2,
            retries={"total_max_attempts": 1},
            signature_version="s3v4",
            s3={"addressing_style": "path"},
        )
        super().__init__(
            file_overwrite=False,
            default_acl=None,
            querystring_auth=True,
            querystring_expire=60,
            custom_domain=None,
            gzip=False,
            client_config=config,
            object_parameters={"ServerSideEncryption": encryption} if encryption else {},
            **options,
        )

    def put(self, key: str, content: BinaryIO, *, size: int, volume: str) -> None:
        expect_volume(self.read_marker(), volume)
        self._put(key, content, size=size)

    def _put(self, key: str, content: BinaryIO, *, size: int) -> None:
        body = _Timed(content, deadline=time.monotonic() + self._seconds / 2)
        with _unavailable():
            self._client.put_object(
                Bucket=self.bucket_name,
                Key=key,
                Body=body,
                ContentLength=size,
                ContentType="application/octet-stream",
                IfNoneMatch="*",
                **self.object_parameters,
            )

    def fetch(self, key: str, *, volume: str) -> BinaryIO:
        deadline = time.monotonic() + self._seconds
        expect_volume(self.read_marker(), volume)
        target = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
        try:
            with _unavailable():
                answer = self._client.get_object(Bucket=self.bucket_name, Key=key)
                for chunk in answer["Body"].iter_chunks(CHUNK):
                    _check(deadline)
                    target.write(chunk)
        except BaseException:
            target.close()
            raise
        target.seek(0)
        return target

    def remove(self, key: str, *, volume: str) -> None:
        expect_volume(self.read_marker(), volume)
        with _unavailable():
            self._client.delete_object(Bucket=self.bucket_name, Key=key)
            # In a versioned bucket that only added a delete marker: the versions still hold the bytes.
            for version in self._versions(key):
                self._client.delete_object(Bucket=self.bucket_name, Key=key, VersionId=version)
            if self._is_there(key) or self._versions(key):
                raise StorageUnavailable(f"{key} still exists")

    def check(self, *, volume: str) -> None:
        expect_volume(self.read_marker(), volume)

    def objects(self) -> Iterator[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2")
        with _unavailable():
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=PREFIX):
                for entry in page.get("Contents", ()):
                    if entry["Key"] != MARKER:
                        yield StoredObject(entry["Key"], entry["Size"], entry["LastModified"])

    def read_marker(self) -> str | None:
        try:
            with _unavailable():
                answer = self._client.get_object(Bucket=self.bucket_name, Key=MARKER)
                with closing(answer["Body"]) as body:
                    return read_words(body.read(MARKER_BYTES))
        except ObjectMissing:
            return None

    def write_marker(self, volume: str) -> None:
        words = write_words(volume)
        self._put(MARKER, io.BytesIO(words), size=len(words))

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _is_there(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self.bucket_name, Key=key)
        except ClientError as error:
            if _code(error) in MISSING:
                return False
            raise
        return True

    def _versions(self, key: str) -> list[str]:
        try:
            listing = self._client.list_object_versions(Bucket=self.bucket_name, Prefix=key)
        except ClientError as error:
            if _code(error) in NO_VERSIONS:
                return []
            raise
        rows = [*listing.get("Versions", ()), *listing.get("DeleteMarkers", ())]
        return [row["VersionId"] for row in rows if row["Key"] == key]


class _Timed:
    """A body that stops being readable after its deadline: a slow server must not block the caller."""

    def __init__(self, content: BinaryIO, *, deadline: float) -> None:
        self._content, self._deadline = content, deadline

    def read(self, size: int = -1) -> bytes:
        _check(self._deadline)
        return self._content.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        return self._content.tell()


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise DeadlinePassed


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) == NO_BUCKET:
            raise StorageUnavailable("the bucket does not exist") from error
        if _code(error) in MISSING:
            raise ObjectMissing from error
        raise StorageUnavailable(f"the bucket answered {_code(error)}") from error
    except (BotoCoreError, DeadlinePassed, OSError) as error:
        raise StorageUnavailable(f"the bucket: {type(error).__name__}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
