"""JSON log lines from structlog and Python's logging alike, on standard output by default."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor

from engine.expression.values import to_json
from marketplace.outages import is_busy, outage_of


def shorten_outages(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Shorten a database that is down or locked to one line: repeated stack traces would fill the disk."""
    exc_info = event.get("exc_info")
    error = (
        sys.exc_info()[1] if exc_info is True else exc_info[1] if isinstance(exc_info, tuple) else exc_info
    )
    raised = error if isinstance(error, BaseException) else None
    if outage := outage_of(raised) or (str(raised).partition("\n")[0] if is_busy(raised) else None):
        event["error"] = outage
        del event["exc_info"]
    return event


def add_timestamp(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["timestamp"] = to_json(datetime.now(UTC))
    return event


class JSONLines(structlog.stdlib.ProcessorFormatter):
    """Writes our own events without copying each record for a chain of one renderer."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict) and hasattr(record, "_logger"):
            return str(_render(None, "", record.msg))
        return super().format(record)


_render: Final = structlog.processors.JSONRenderer()

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    add_timestamp,
    structlog.processors.StackInfoRenderer(),
    shorten_outages,
    structlog.processors.format_exc_info,
]


def configure_structlog() -> None:
    # No line contains them, and finding them out takes as long as the rest of a record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the documented way not to look for the caller
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_settings(level: str, stream: str = "stdout") -> dict[str, Any]:
    """For Django's LOGGING. Drops Django's warnings about 4xx responses, which our request line covers."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": JSONLines,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _render,
                ],
            }
        },
        "handlers": {
            "json": {"class": "logging.StreamHandler", "stream": f"ext://sys.{stream}", "formatter": "json"}
        },
        "root": {"handlers": ["json"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
