"""The server as it is run, its S3 hanging: uploads end with a clean 503, and everybody else is served."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.utils import timezone

from marketplace.accounts.services import issue_token
from marketplace.disputes.models import Media
from tests.marketplace.disputes.factories import PDF

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = 6
UPLOAD_SECONDS = 10
OTHER_SECONDS = 3


@pytest.fixture
def server(failing, bucket, database_url) -> Iterator[str]:
    """Its address. It has the four threads of `make run` and of the container."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = bucket.options() | {"endpoint_url": failing.endpoint}
    environment = {f"COMITY_S3_{name.upper()}": value for name, value in options.items()}
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    process = subprocess.Popen(
        [
            f"{sys.prefix}/bin/{command[0]}",
            *command[1:],
            "--blocking-threads",
            "4",
            "config.wsgi:application",
        ],
        env={**os.environ, **environment, "DATABASE_URL": database_url, "COMITY_LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert httpx.get(f"{address}/readyz", timeout=10).status_code == 200
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_hanging_storage_holds_up_nobody_else(server, failing, dispute, bea):
    token = issue_token(user=bea, now=timezone.now())
    api = httpx.Client(base_url=f"{server}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def upload() -> tuple[int, str, float]:
        began = time.monotonic()
        answer = api.post(f"/disputes/{dispute.pk}/media", files={"file": ("receipt.pdf", PDF)})
        return answer.status_code, answer.json().get("code", ""), time.monotonic() - began

    def write() -> tuple[int, float]:
        began = time.monotonic()
        answer = api.post(f"/disputes/{dispute.pk}/messages", json={"text": "Are you there?"})
        return answer.status_code, time.monotonic() - began

    with api, ThreadPoolExecutor(UPLOADS) as pool:
        assert upload()[0] == 201
        failing.turn("hang")
        uploads = [pool.submit(upload) for _ in range(UPLOADS)]
        time.sleep(0.5)
        others = [write() for _ in range(10)]
        answers = [future.result() for future in uploads]
        failing.turn("pass")
        assert upload()[0] == 201

    assert {status for status, _ in others} == {201}
    assert max(seconds for _, seconds in others) < OTHER_SECONDS
    assert {status for status, _, _ in answers} == {503}
    assert {code for _, code, _ in answers} == {"storage-unavailable", "media-busy"}
    assert max(seconds for _, _, seconds in answers) < UPLOAD_SECONDS
    assert Media.objects.filter(state="live").count() == 2
    assert not Media.objects.filter(state="uploading").exists()
