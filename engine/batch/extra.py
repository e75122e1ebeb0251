"""Whether the extra `batch` is installed."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "install comity[batch]"


def is_installed() -> bool:
    return find_spec("duckdb") is not None
