"""Limits how many server threads slow readers may occupy.

The server sends a streamed response in pieces, on the thread that answers, which waits while the client reads none. It takes a
response in one piece without waiting.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Final

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from api.incoming import TOO_MANY, hold_place
from api.problems import respond
from marketplace.waiting import TooManyWaiting

WHOLE: Final = 512 * 1024
"""A stream of up to this many bytes, such as a static file, is sent in one piece."""


class Sending:
    """The content of a response, which holds a place until the server closes the response."""

    def __init__(self, content: Iterator[bytes], place: ExitStack) -> None:
        self._content = content
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        return self._content

    def close(self) -> None:
        self._place.close()


def limit_reading(response: HttpResponseBase, *, sender: str) -> HttpResponseBase:
    """Call it while the request is being served. `sender` is the client that a long stream counts against."""
    if not isinstance(response, StreamingHttpResponse):
        return response
    content = iter(response)
    pieces, size = [], 0
    for piece in content:
        pieces.append(piece)
        size += len(piece)
        if size > WHOLE:
            return _hold_place(response, chain(pieces, content), sender)
    response.streaming_content = [b"".join(pieces)]
    return response


def _hold_place(response: StreamingHttpResponse, content: Iterator[bytes], sender: str) -> HttpResponseBase:
    place = ExitStack()
    try:
        place.enter_context(hold_place(sender))
    except TooManyWaiting:
        response.close()
        return respond(TOO_MANY)
    response.streaming_content = Sending(content, place)
    return response
