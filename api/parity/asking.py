"""A request from the corpus or the generator, and its response."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpResponse

from marketplace.assistant.ephemeral.tokens import read_state

Csrf = str  # absent, valid or invalid

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_STATE: Final = re.compile(r'"state":"([^"]+)"')
_CURSOR: Final = re.compile(r'"next":"[^"]+"')
_WAIT: Final = re.compile(r"wait \d+ s")
UNEQUAL_BY_NATURE: Final = frozenset({"X-Request-ID", "Content-Length"})
"""Content-Length follows from the body; signatures and timestamps in it have a fixed length."""
NUMBERED: Final = frozenset({"Retry-After", "Comity-Decision"})
"""Compared without their numbers."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`who` is one of `world.PEOPLE`. `$name` in the path or the body stands for a value that an earlier response was `saved`
    as. `rates` are throttles for this request only."""

    method: str
    path: str
    who: str = "nobody"
    body: Any = None
    content: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    csrf: Csrf = "good"
    cookies: Mapping[str, str] = field(default_factory=dict)
    save: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)

    def filled(self, saved: Mapping[str, str]) -> tuple[str, bytes]:
        """The path and the body to send, with names filled in."""
        written = self.content if self.content is not None else _json(self.body)
        path = self.path
        for name, value in saved.items():
            path = path.replace(f"${name}", value)
            written = written.replace(f"${name}", value)
        return path, written.encode("utf-8", "surrogatepass")


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """A response without values that always differ: timestamps, signatures and request ids."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: str

    @classmethod
    def of(cls, response: HttpResponse) -> "Seen":
        headers = {
            name: re.sub(r"\d+", "<n>", value) if name in NUMBERED else value
            for name, value in response.headers.items()
            if name not in UNEQUAL_BY_NATURE
        }
        cookies = (_cookie(morsel.OutputString(), morsel.value) for morsel in response.cookies.values())
        return cls(
            response.status_code, tuple(sorted(headers.items())), tuple(sorted(cookies)), _masked(response)
        )

    def differences(self, other: "Seen") -> list[str]:
        names = ("status", "headers", "cookies", "body")
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in names)
        return [f"{name}: {own!r} is not {others!r}" for name, own, others in pairs if own != others]


def _cookie(written: str, value: str) -> str:
    return written.replace(value, "<signed>") if value else written


def _masked(response: HttpResponse) -> str:
    text = response.content.decode("utf-8", "replace")
    text = _STATE.sub(lambda match: f'"state":{_said(match[1])}', text)
    for pattern, mask in ((_MOMENT, "<moment>"), (_CURSOR, '"next":"<cursor>"'), (_WAIT, "wait <n> s")):
        text = pattern.sub(mask, text)
    return text


def _said(state: str) -> str:
    transcript = read_state(state)
    return repr((transcript.product_id, transcript.count, transcript.turns) if transcript else None)
