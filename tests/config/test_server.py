"""The real server: slow, waiting and refused clients do not block others."""

import http.client
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from marketplace.catalog.models import Product
from marketplace.disputes.media.links import sign_link
from marketplace.orders.services import open_order
from tests.config.live import HANGING, THREADS, Server, ask_over, serve
from tests.evidence import install, keep_locally
from tests.marketplace.disputes.factories import PDF, add_media, make_dispute
from tests.marketplace.factories import complete

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 20


def signed_in(name: str, role: Role = Role.BUYER) -> str:
    user = User.objects.create_user(name, password="correct horse battery staple", role=role)
    return issue_token(user=user, now=timezone.now())


@pytest.fixture
def product() -> int:
    seller = User.objects.create_user("sam", password="correct horse battery staple", role=Role.SELLER)
    return Product.objects.create(seller=seller, name="Desk", single_sale=False, created_at=timezone.now()).pk


@pytest.fixture
def evidence(tmp_path: Path, settings: Any) -> Path:
    keep_locally(settings, tmp_path / "evidence")
    install()
    return tmp_path / "evidence"


@pytest.fixture
def server(database_url: str, evidence: Path) -> Iterator[Server]:
    with serve(database_url, COMITY_EVIDENCE_DIR=str(evidence)) as running:
        yield running


def test_whoever_is_slow_or_waits_holds_up_nobody_else(server: Server, product: int) -> None:
    check_slow_readers(server, product)
    check_slow_bodies(server, product)
    if connection.vendor == "sqlite":  # on PostgreSQL rows are locked, with a wait of three seconds
        check_waiting_writers(server, product)


def check_slow_readers(server: Server, product: int) -> None:
    """Clients that ask for a file of 9 MB and read none of it."""
    ben = User.objects.create_user("ben", role=Role.BUYER)
    order, _ = open_order(buyer=ben, product_id=product, now=timezone.now())
    complete(order)
    long = PDF.replace(b"endobj", b"endobj\n%" + b"a" * 9_000_000)
    media = add_media(make_dispute(order, now=timezone.now()), ben, content=long, now=timezone.now())
    path = f"/api/v1/media/{media.pk}/content?token={sign_link(media)}"
    readers = []
    for _ in range(SLOW):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        readers.append(reader)
    heads = [reader.recv(12) for reader in readers]
    assert sorted(set(heads)) == [b"HTTP/1.1 200", b"HTTP/1.1 503"]
    assert heads.count(b"HTTP/1.1 200") == THREADS // 2
    assert server.ask("GET", "/healthz").status == 200

    for reader in readers:
        reader.close()
    deadline = time.monotonic() + HANGING
    while (answer := server.ask("GET", path)).status == 503:
        assert time.monotonic() < deadline
    assert answer.body == long


def check_slow_bodies(server: Server, product: int) -> None:
    """Half of the senders are signed in and send a byte now and then; the others send nothing."""
    slow, other = signed_in("slow"), signed_in("other")
    signed = [server.send_head("/api/v1/orders", slow, 1_000) for _ in range(SLOW)]
    strangers = [server.send_head("/api/v1/orders", "cmt_made-up", 1_000) for _ in range(SLOW)]
    for _ in range(5):
        for sender in signed:
            try:
                sender.sendall(b" ")
            except OSError:
                continue  # it was refused
        assert server.ask("GET", "/healthz").status == 200
        assert server.ask("GET", "/api/v1/orders", token=other).status == 200
        assert server.ask("POST", "/api/v1/orders", {"product_id": product}, other).status in {200, 201}
        time.sleep(0.2)

    for sender in signed + strangers:
        sender.close()
    deadline = time.monotonic() + HANGING
    while server.ask("POST", "/api/v1/orders", {"product_id": product}, slow).status == 503:
        assert time.monotonic() < deadline


REFUSED = {
    "wrong token": (401, "POST", "/api/v1/reviews", "cmt_made-up", {}),
    "wrong token, Ninja": (401, "POST", "/api/policies/chat/decide", "cmt_made-up", {}),
    "another role": (403, "POST", "/api/policies/chat/decide", "TOKEN", {}),
    "another type": (415, "POST", "/api/v1/reviews", "TOKEN", {"Content_Type": "text/plain"}),
    "another type, Ninja": (
        415,
        "POST",
        "/api/policies/chat/decide",
        "TOKEN",
        {"Content_Type": "text/plain"},
    ),
    "unknown path": (404, "POST", "/api/v1/nothing", "TOKEN", {}),
    "no such method": (405, "PUT", "/api/v1/reviews", "TOKEN", {}),
    "probe": (405, "PUT", "/healthz", "", {}),
    "page": (404, "POST", "/nothing", "", {}),
    "form without a token": (403, "POST", "/admin/login/", "", {"Content_Type": "text/plain"}),
    "console": (403, "POST", "/console/sign-in", "", {"Content_Type": "application/x-www-form-urlencoded"}),
    "another host": (400, "POST", "/api/v1/reviews", "TOKEN", {"Host": "elsewhere.example"}),
    "body of a GET": (200, "GET", "/api/v1/products", "TOKEN", {}),
}


def test_refusal_leaves_the_connection_usable_or_says_so(server: Server) -> None:
    check_refusals(server)
    check_late_bodies(server)


def check_refusals(server: Server) -> None:
    """Drained bodies and bodies too long to drain, in 52 requests on separate connections."""
    token = signed_in("bea")
    for name, (status, method, path, sender, headers) in REFUSED.items():
        credentials = token if sender == "TOKEN" else sender
        for length, closes in ((200, False), (20_000, False), (60_000, False), (90_000, True)):
            expected = 413 if length > 65_536 and status in {401, 415} and "v1" in path else status
            with closing(server.connect()) as connection_:
                answer = ask_over(connection_, method, path, b"x" * length, credentials, **headers)
                assert (answer.status, answer.headers.get("connection") == "close") == (expected, closes), (
                    name,
                    length,
                )
                if not closes:
                    assert ask_over(connection_, "GET", "/healthz", None, "").status == 200, (name, length)
                else:
                    with pytest.raises((http.client.NotConnected, OSError)):
                        ask_over(connection_, "GET", "/healthz", None, "")


def check_late_bodies(server: Server) -> None:
    """Sixty times on one connection, with the body slightly after the head."""
    with closing(server.connect()) as connected:
        for _ in range(60):
            connected.putrequest("POST", "/api/v1/reviews")
            connected.putheader("Authorization", "Bearer cmt_made-up")
            connected.putheader("Content-Type", "application/json")
            connected.putheader("Content-Length", "5000")
            connected.endheaders()
            connected.send(b"x" * 2_500)
            connected.send(b"x" * 2_500)
            refused = connected.getresponse()
            refused.read()
            assert refused.status in {401, 429}
            assert ask_over(connected, "GET", "/healthz", None, "").status == 200


def check_waiting_writers(server: Server, product: int) -> None:
    writers = [signed_in(f"writer-{number}") for number in range(8)]

    def write(token: str) -> tuple[int, str | None]:
        answer = server.ask("POST", "/api/v1/orders", {"product_id": product}, token)
        return answer.status, answer.headers.get("retry-after")

    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other,
        ThreadPoolExecutor(8) as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        writing = [pool.submit(write, token) for token in writers]
        refused = done_of(writing, len(writers) - (THREADS - 1))
        for _ in range(3):
            assert server.ask("GET", "/healthz").status == 200
            assert server.ask("GET", "/api/v1/orders", token=writers[0]).status == 200
        assert len([each for each in writing if not each.done()]) == THREADS - 1
        other.execute("ROLLBACK")
        answers = [each.result(HANGING) for each in writing]

    assert {status for status, _ in refused} == {503}
    assert None not in {seconds for _, seconds in refused}
    assert sorted(status for status, _ in answers) == [201] * (THREADS - 1) + [503] * len(refused)


def done_of(writing: list[Future[tuple[int, str | None]]], count: int) -> list[tuple[int, str | None]]:
    deadline = time.monotonic() + HANGING
    while len(done := [each.result() for each in writing if each.done()]) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return done
