"""Long responses hold a bounded share of the server's threads; short ones need no waiting."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from api import incoming
from api.incoming import Incoming
from api.middleware import ConnectionMiddleware
from api.outgoing import WHOLE, limit_reading
from marketplace.waiting import serving


@pytest.fixture(autouse=True)
def on_a_server_thread(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.COMITY_THREADS = 4
    monkeypatch.setattr(incoming, "MOMENT", 0)
    request_finished.disconnect(
        close_old_connections
    )  # as Django's test client does: these tests need no database
    with serving():
        yield
    request_finished.connect(close_old_connections)


def download(size: int, *, sender: str = "198.51.100.7") -> tuple[HttpResponseBase, io.BytesIO]:
    file = io.BytesIO(b"a" * (size - 1) + b"z" * (size > 0))
    return limit_reading(FileResponse(file), sender=sender), file


def pieces_of(response: HttpResponseBase) -> list[bytes]:
    assert isinstance(response, StreamingHttpResponse)
    return list(response)


@pytest.mark.parametrize("size", [0, 1, 10_000, WHOLE])
def test_short_stream_is_sent_in_one_piece_by_anybody(size: int) -> None:
    responses = [download(size)[0] for _ in range(9)]

    assert [[len(piece) for piece in pieces_of(response)] for response in responses] == [[size]] * 9


def test_long_stream_is_sent_whole_and_its_file_closed() -> None:
    response, file = download(WHOLE + 10_000)

    assert b"".join(pieces_of(response)) == file.getvalue()
    response.close()
    assert file.closed


def test_empty_piece_ends_no_stream() -> None:
    response = limit_reading(StreamingHttpResponse([b"a", b"", b"b"]), sender="")
    assert b"".join(pieces_of(response)) == b"ab"


def test_one_client_holds_half_of_the_threads_and_all_together_leave_one() -> None:
    held = [download(WHOLE + 1)[0] for _ in range(2)]
    refused, file = download(WHOLE + 1)
    assert (refused.status_code, file.closed) == (503, True)
    assert refused.headers["Retry-After"] == "5"

    held.append(download(WHOLE + 1, sender="198.51.100.8")[0])
    assert download(WHOLE + 1, sender="198.51.100.9")[0].status_code == 503

    for response in held:
        response.close()
    later = [download(WHOLE + 1, sender=name)[0] for name in ("a", "b", "c")]
    assert [response.status_code for response in later] == [200] * 3
    for response in later:
        response.close()


def test_addresses_of_one_network_are_one_client() -> None:
    """Whoever has one IPv6 address has 2 to the 64."""

    def ask(address: str) -> HttpResponseBase:
        request = RequestFactory().get("/", REMOTE_ADDR=address)
        request.META["wsgi.input"] = Incoming(io.BytesIO(), length=0)
        return ConnectionMiddleware(lambda _: FileResponse(io.BytesIO(b"a" * 2 * WHOLE)))(request)

    responses = [ask(f"2001:db8::{number}") for number in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 503]
    for response in responses:
        response.close()


def test_response_that_is_no_stream_is_left_alone() -> None:
    response = HttpResponse(b"a" * 2 * WHOLE)
    assert limit_reading(response, sender="") is response
