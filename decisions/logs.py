"""Loggers that use Python's logging, whether or not the project configures structlog."""

import logging
from typing import Any

import structlog


def get_logger(name: str) -> Any:
    """Unconfigured, structlog would print to standard output, which belongs to the host project's commands."""
    return structlog.wrap_logger(logging.getLogger(name))
