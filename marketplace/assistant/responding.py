"""Asking the responder that the settings name, and what is said where it fails."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from marketplace.assistant.answers.reply import Context, Reply, Responder

log = structlog.get_logger(__name__)

FAILED = Reply("I cannot answer this just now. Please ask again in a moment.", topic="trouble")


def respond(context: Context, *, alone: AbstractContextManager[object] | None = None) -> Reply:
    """A responder that fails loses its answer and nothing else; `alone` is what its failure leaves first."""
    try:
        with alone or nullcontext():
            return _responder(settings.ASSISTANT_RESPONDER).respond(context)
    except Exception:
        log.exception("assistant_responder_failed")
        return FAILED


@cache
def _responder(path: str) -> Responder:
    responder: Responder = import_string(path)()
    return responder
