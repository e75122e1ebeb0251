"""Whether the extra `proofs` is installed."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "install comity[proofs]"


def is_installed() -> bool:
    return find_spec("z3") is not None
