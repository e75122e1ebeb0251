"""JSON log lines from structlog and Python's logging alike, on standard output by default."""

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

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


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    shorten_outages,
    structlog.processors.format_exc_info,
]


def configure_structlog() -> None:
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
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
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
