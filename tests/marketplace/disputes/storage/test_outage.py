"""The real server with a hanging S3: waiting uploads end with a clean 503, and other requests are served."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from marketplace.accounts.services import issue_token
from marketplace.disputes.models import Media
from tests.marketplace.disputes.factories import PDF
from tests.serving import CLIENT

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = 6
HANGING = 2
"""Concurrent uploads; others are told that the server is busy."""


@pytest.fixture
def server(failing, bucket, database_url) -> Iterator[str]:
    """Its address. It has four threads, like `make run` and the container."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = bucket.options() | {"endpoint_url": failing.endpoint, "seconds": "60"}
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
    deadline = time.monotonic() + 180
    while True:
        try:
            assert CLIENT.get(f"{address}/readyz").status_code == 200
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_hanging_storage_holds_up_nobody_else(server, failing, dispute, bea):
    token = issue_token(user=bea, now=timezone.now())
    api = httpx.Client(base_url=f"{server}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=300)

    def upload() -> tuple[int, str]:
        answer = api.post(f"/disputes/{dispute.pk}/media", files={"file": ("receipt.pdf", PDF)})
        return answer.status_code, answer.json().get("code", "")

    def write() -> int:
        answer = api.post(f"/disputes/{dispute.pk}/messages", json={"text": "Are you there?"})
        return answer.status_code

    with api, ThreadPoolExecutor(UPLOADS) as pool:
        assert upload()[0] == 201
        failing.turn("hang")
        uploads = {pool.submit(upload) for _ in range(UPLOADS)}
        busy, hanging = set(), uploads
        while len(hanging) > HANGING:
            done, hanging = wait(hanging, timeout=60, return_when=FIRST_COMPLETED)
            assert done
            busy |= done
        others = [write() for _ in range(10)]
        assert not any(future.done() for future in hanging)
        failing.turn("pass")
        answers = [future.result() for future in hanging]
        assert upload()[0] == 201

    assert others == [201] * 10
    # SQLite lets only a few requests wait to write, and on a busy machine they do wait.
    refusals = {"media-busy", "unavailable"} if connection.vendor == "sqlite" else {"media-busy"}
    assert {future.result() for future in busy} <= {(503, code) for code in refusals}
    assert answers == [(503, "storage-unavailable")] * HANGING
    assert Media.objects.filter(state="live").count() == 2
    assert not Media.objects.filter(state="uploading").exists()
