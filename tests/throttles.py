"""Each test counts its requests from zero, in one window."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from api import throttle


@pytest.fixture(autouse=True)
def forget_throttles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stops the clock of the windows: on a busy machine, a minute may end between two requests."""
    now = time.time()
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: now, monotonic=time.monotonic))
    cache.clear()
    yield
    cache.clear()
