"""The two tokens of an anonymous browser: a session cookie with a random number, and the signed transcript.

Each is signed with its own salt, so that one cannot be used as the other or as a login session. Invalid tokens give None,
without a reason.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from marketplace.assistant.answers.reply import Turn

VERSION: Final = 1
MAX_COOKIE: Final = 200
MAX_STATE: Final = 16 * 1024
MAX_TURNS: Final = 20
HARD_LIMIT: Final = timedelta(hours=24)
"""The maximum age of a session, whatever the policy says."""

_COOKIE_SALT: Final = "assistant.ephemeral.cookie"
_STATE_SALT: Final = "assistant.ephemeral.state"


@dataclass(frozen=True, slots=True)
class Session:
    """`spoke_at` is the time of the last message in this browser, `ends_at` the end announced then."""

    id: str
    started_at: datetime
    spoke_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation of a session; each tab has its own. `count` is the number of messages sent."""

    session_id: str
    spoke_at: datetime
    ends_at: datetime
    product_id: int | None
    count: int
    turns: tuple[Turn, ...]

    def followed_by(self, turns: Sequence[Turn], *, at: datetime, ends_at: datetime) -> "Transcript":
        kept = (*self.turns, *turns)[-MAX_TURNS:]
        return replace(self, turns=kept, count=self.count + 1, spoke_at=at, ends_at=ends_at)


def new_session_id() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def write_cookie(session: Session) -> str:
    times = [_micros(moment) for moment in (session.started_at, session.spoke_at, session.ends_at)]
    return _sign([VERSION, session.id, *times], _COOKIE_SALT)


def read_cookie(text: str, *, now: datetime) -> Session | None:
    """None for an invalid signature or an expired session."""
    match _verify(text, _COOKIE_SALT, MAX_COOKIE):
        case [1, str(identity), int(started), int(spoke), int(ends)]:
            session = Session(identity, _moment(started), _moment(spoke), _moment(ends))
            over = now >= session.ends_at or now >= session.started_at + HARD_LIMIT
            return None if over else session
    return None


def write_state(transcript: Transcript) -> str:
    """Drops the oldest turns until the rest fits."""
    for first in range(len(transcript.turns) + 1):
        text = _sign(_payload_of(transcript, transcript.turns[first:]), _STATE_SALT)
        if len(text) <= MAX_STATE:
            return text
    raise AssertionError("a transcript without turns is short")


def read_state(text: str) -> Transcript | None:
    match _verify(text, _STATE_SALT, MAX_STATE):
        case [1, str(identity), int(spoke), int(ends), product, int(count), list(turns)]:
            said = tuple(Turn(*turn) for turn in turns)
            return Transcript(identity, _moment(spoke), _moment(ends), product, count, said)
    return None


def _payload_of(transcript: Transcript, turns: Sequence[Turn]) -> list[Any]:
    times = [_micros(transcript.spoke_at), _micros(transcript.ends_at)]
    said = [[turn.speaker, turn.text, turn.topic] for turn in turns]
    return [VERSION, transcript.session_id, *times, transcript.product_id, transcript.count, said]


def _sign(value: list[Any], salt: str) -> str:
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Signer(salt=salt).sign(b64_encode(content).decode())


def _verify(text: str, salt: str, most: int) -> list[Any] | None:
    """Verifies the signature before decoding anything."""
    if len(text) > most or not text.isascii():
        return None
    try:
        value = json.loads(b64_decode(Signer(salt=salt).unsign(text).encode()))
    except (BadSignature, ValueError):
        return None
    return value if isinstance(value, list) else None


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
