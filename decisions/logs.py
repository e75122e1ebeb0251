"""Loggers that go through Python's logging, whether or not the project configures structlog."""

import logging
from typing import Any

import structlog


def get_logger(name: str) -> Any:
    """structlog's own, where nobody configured it, would print to standard output, which belongs to the host's commands."""
    return structlog.wrap_logger(logging.getLogger(name))
