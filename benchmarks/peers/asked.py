"""How to call a compiled expression: with the facts, with the time if the policy reads it, and for all matches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers.answers import in_order, reader
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Facts, Workload

Evaluate = Callable[[Facts], Any]


def asked(workload: Workload, evaluate: Evaluate) -> Built:
    """Does nothing that the policy does not need, so that no engine pays for other policies."""
    if workload.name == "retention":
        decide = _with_now(evaluate)
    elif workload.name == "moderation":
        decide = _in_order(evaluate)
    else:
        decide = _plain(evaluate)
    return Built(decide, reader(workload))


def _plain(evaluate: Evaluate) -> Callable[[Facts, int], Any]:
    def decide(facts: Facts, now: int) -> Any:
        return evaluate(facts)

    return decide


def _with_now(evaluate: Evaluate) -> Callable[[Facts, int], Any]:
    def decide(facts: Facts, now: int) -> Any:
        return evaluate({**facts, "now": now})

    return decide


def _in_order(evaluate: Evaluate) -> Callable[[Facts, int], Any]:
    def decide(facts: Facts, now: int) -> Any:
        return in_order(evaluate(facts))

    return decide
