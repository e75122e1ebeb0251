"""The assistant on both surfaces, an adjustable clock, and rate limits that never trigger."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.callers import Caller

SURFACES = {"drf": "/assistant", "ninja": "/assistant/ninja"}
UNLIMITED = dict.fromkeys(("login", "write", "read", "anonymous", "assistant"), "999999/s")

Say = Callable[..., Any]


@pytest.fixture(params=SURFACES.values(), ids=SURFACES)
def base(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def say(base: str, anonymous: Caller) -> Say:
    """Sends an anonymous message. Returns the JSON of a reply, or the response of a refusal."""

    def say(text: str = "Why can't I review?", caller: Caller = anonymous, **more: Any) -> Any:
        response = caller.post(f"{base}/ephemeral/messages", {"text": text, **more})
        return response.json() if response.status_code == 200 else response

    return say


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.COMITY_THROTTLES = UNLIMITED
