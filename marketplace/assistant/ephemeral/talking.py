"""Anonymous conversations: messages are moderated and answered, but not stored. Decisions are only logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from decisions import Denied, Subject, decide
from engine import Decision
from marketplace.assistant.answers.reply import Context, Reply, Turn
from marketplace.assistant.ephemeral.tokens import (
    Session,
    Transcript,
    new_session_id,
    read_cookie,
    read_state,
    write_cookie,
    write_state,
)
from marketplace.assistant.responding import respond
from marketplace.moderation.detection import examine
from marketplace.moderation.facts import moderation_facts
from marketplace.moderation.queries import support_of
from marketplace.moderation.services import PASSING, POLICY

NOBODY = Subject(kind="ephemeral", id=None, actor_id=None)


@dataclass(frozen=True, slots=True)
class Answered:
    """`state` is sent back with the next message, `cookie` is kept by the browser, `support` is shown to somebody in distress."""

    reply: Reply
    support: str | None
    state: str
    cookie: str
    expires_at: datetime


def look_at_session(cookie: str, *, now: datetime) -> Session | None:
    """The session behind a cookie, if the policy considers it alive. Its `ends_at` comes from the policy."""
    session = read_cookie(cookie, now=now)
    if session is None:
        return None
    decision = _decide("look", session.started_at, session.spoke_at, now=now)
    if decision.outcome != "ephemeral":
        return None
    ends_at = min(decision.outputs["expires_at"], session.ends_at)
    return Session(session.id, session.started_at, session.spoke_at, ends_at)


def speak(
    *, text: str, product_id: int | None, state: str | None, session: Session | None, now: datetime
) -> Answered:
    """`session` is the result of `look_at_session`. Raises Denied if the conversation has ended, is unknown or belongs to
    another browser, and if the text is blocked."""
    transcript = read_state(state) if state is not None else None
    if state is not None and (transcript is None or session is None or transcript.session_id != session.id):
        raise Denied(_decide("speak", None, None, now=now))
    session = session or Session(new_session_id(), now, now, now)
    decision = _go_on(session, transcript, now=now)
    ends_at: datetime = decision.outputs["expires_at"]
    support = _moderate(text, now=now)
    transcript = transcript or Transcript(session.id, now, ends_at, product_id, 0, ())
    reply = respond(Context(text, now, None, transcript.product_id, transcript.turns))
    said = [Turn("user", text), Turn("assistant", reply.text, reply.topic)]
    after = Session(session.id, session.started_at, now, max(ends_at, session.ends_at))
    state_after = write_state(transcript.followed_by(said, at=now, ends_at=ends_at))
    return Answered(reply, support, state_after, write_cookie(after), ends_at)


def _go_on(session: Session, transcript: Transcript | None, *, now: datetime) -> Decision:
    """Activity in one tab does not extend a conversation in another. The announced end holds even if the policy has become more
    generous since."""
    spoke_at = transcript.spoke_at if transcript else now
    decision = _decide("speak", session.started_at, spoke_at, now=now)
    if decision.outcome != "ephemeral":
        raise Denied(decision)
    if transcript is not None and now >= transcript.ends_at:
        raise Denied(_decide("speak", None, None, now=now))
    return decision


def _decide(
    action: str, started_at: datetime | None, spoke_at: datetime | None, *, now: datetime
) -> Decision:
    facts: Mapping[str, object] = {
        "action": action,
        "logged_in": False,
        "started_at": started_at,
        "last_spoke_at": spoke_at,
    }
    return decide("assistant_session", facts, now=now, subject=NOBODY, record=False, superset=True)


def _moderate(text: str, *, now: datetime) -> str | None:
    """A flagged text is not queued, since nothing is stored; only the support for somebody in distress remains. Every message
    counts as the first one of an author without earlier insults. Raises Denied."""
    facts = moderation_facts(mode="normal", findings=examine(text).findings, insults=())
    decision = decide(POLICY, facts, now=now, subject=NOBODY, record=False, superset=True)
    if decision.errors or decision.outcome not in PASSING:
        raise Denied(decision)
    return support_of(decision)
