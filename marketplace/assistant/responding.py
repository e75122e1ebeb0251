"""Calls the configured responder, with a fallback text for failures."""

import re
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from marketplace.assistant.answers.reply import Basis, Context, Reply, Responder

log = structlog.get_logger(__name__)

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
FAILED = Reply("I cannot answer this right now. Please ask again in a moment.", topic="trouble")


def respond(context: Context, *, isolation: AbstractContextManager[object] | None = None) -> Reply:
    """If the responder fails, only its answer is lost.

    The responder runs inside `isolation`, such as a savepoint, which is rolled back before the failure is handled.
    """
    try:
        with isolation or nullcontext():
            return _check_reply(_responder(settings.ASSISTANT_RESPONDER).respond(context))
    except Exception:
        log.exception("assistant_responder_failed")
        return FAILED


def _check_reply(reply: object) -> Reply:
    """Checks that a reply can be stored and sent: a configured responder may return anything. Raises TypeError or ValueError."""
    if not isinstance(reply, Reply) or not isinstance(reply.basis, Basis | None):
        raise TypeError("a responder must return a Reply whose basis is a Basis or None")
    for text in (reply.text, reply.topic, *reply.suggestions):
        if not isinstance(text, str) or not text.strip() or UNSTORABLE.search(text):
            raise ValueError("the texts of a Reply must not be blank, or contain NUL or lone surrogates")
    return reply


@cache
def _responder(path: str) -> Responder:
    responder: Responder = import_string(path)()
    return responder
