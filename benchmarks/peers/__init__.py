"""The measured engines, one file each. The first is the base of all comparisons."""

from __future__ import annotations

from importlib import import_module

from benchmarks.peers.comity import Comity
from benchmarks.peers.handwritten import Handwritten
from benchmarks.peers.peer import Peer

OURS: tuple[Peer, ...] = (Handwritten(), Comity())

_WITH_PACKAGES = (
    "datalogic",
    "zen_expressions",
    "cel_cpp",
    "cel_rust",
    "cel_python",
    "rule_engine_text",
    "cedar",
    "durable_rules",
)
"""Modules with a `PEER`; their packages are in `requirements/bench.in`."""


def installed() -> tuple[Peer, ...]:
    """Ours, and the engines whose packages are importable: `make bench` installs them, the tests do not."""
    peers = []
    for module in _WITH_PACKAGES:
        try:
            peers.append(import_module(f"benchmarks.peers.{module}").PEER)
        except ModuleNotFoundError:
            continue
    return (*OURS, *peers)
