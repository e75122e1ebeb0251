"""No network: any attempt to connect or resolve a host fails the test."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

os.environ["HF_HUB_OFFLINE"] = "0"  # so that our own code prevents network access, and the guard proves it

from tests.detoxify.tiny_checkpoint import Tiny, make_tiny  # must follow the line above


class NetworkTouched(BaseException):
    """Not an Exception, so that libraries cannot swallow it."""


def _deny(*args: object, **kwargs: object) -> None:
    raise NetworkTouched(f"the network was asked for {args!r}")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _deny)
        for name in ("getaddrinfo", "gethostbyname", "create_connection"):
            patch.setattr(socket, name, _deny)
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, no_network: None) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))
