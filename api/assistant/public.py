"""Assistant operations open to everybody: the current session, the widget's settings, and ephemeral conversations, which are
not stored."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.assistant.answering import answer, forget_cookie, read_cookie, set_cookie
from api.contract.assistant import (
    BasisBody,
    EphemeralBody,
    EphemeralRequest,
    InboxBody,
    ReplyBody,
    SessionBody,
    WhoBody,
    WidgetBody,
)
from api.contract.fields import MAX_TEXT
from api.problems import Problem, respond
from api.throttle import client_address, enforce_rate
from marketplace.accounts.models import User
from marketplace.assistant.answers.greeting import greet
from marketplace.assistant.ephemeral.notice import session_notice
from marketplace.assistant.ephemeral.talking import look_at_session, speak
from marketplace.assistant.ephemeral.tokens import MAX_TURNS
from marketplace.assistant.queries import count_unread


def show_session(request: HttpRequest, user: User | None) -> HttpResponse:
    now = timezone.now()
    session = None if user else look_at_session(read_cookie(request), now=now)
    body = SessionBody(
        lane="inbox" if user else "ephemeral",
        authenticated=user is not None,
        user=WhoBody(id=user.pk, username=user.get_username()) if user else None,
        expires_at=session.ends_at if session else None,
        message=session_notice(logged_in=user is not None, now=now),
        inbox=InboxBody(unread=count_unread(user)) if user else None,
    )
    return answer(request, user, body)


def show_settings(request: HttpRequest, user: User | None) -> HttpResponse:
    greeting = greet(now=timezone.now())
    body = WidgetBody(
        greeting=greeting.text,
        suggestions=list(greeting.suggestions),
        max_text=MAX_TEXT,
        max_turns=MAX_TURNS,
    )
    return answer(request, user, body)


def say_ephemeral(request: HttpRequest, user: User | None, wanted: EphemeralRequest) -> HttpResponse:
    if user is not None:
        return _turn_away(request)
    now = timezone.now()
    session = look_at_session(read_cookie(request), now=now)
    enforce_rate("assistant", f"address {client_address(request)}")
    if session is not None:
        enforce_rate("assistant", f"session {session.id}")
    said = speak(text=wanted.text, product_id=wanted.product_id, state=wanted.state, session=session, now=now)
    basis = BasisBody.of(said.reply.basis) if said.reply.basis else None
    reply = ReplyBody(
        text=said.reply.text,
        topic=said.reply.topic,
        decision=basis,
        suggestions=list(said.reply.suggestions),
    )
    body = EphemeralBody(reply=reply, state=said.state, expires_at=said.expires_at, support=said.support)
    response = answer(request, None, body)
    set_cookie(response, said.cookie)
    return response


def _turn_away(request: HttpRequest) -> HttpResponse:
    """Refuse without reading the transcript or the cookie of a signed-in caller."""
    detail = "You are signed in: use /assistant/conversations, which keeps messages in your inbox."
    response = respond(Problem("conflict", detail, code="logged-in"))
    forget_cookie(request, response)
    return response
