"""Checks that engines agree before they are timed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import NOW, Facts, Workload, micros, plain


class Disagreement(Exception):
    """Two engines decide the same facts differently, so comparing their times is meaningless."""


def check_agreement(workload: Workload, built: Mapping[str, Built], facts: Iterable[Facts]) -> int:
    """The number of compared facts. Raises Disagreement at the first difference."""
    compared, now = 0, micros(NOW)
    for given in facts:
        answers = {name: b.answer(b.decide(plain(given), now)) for name, b in built.items()}
        if len(set(answers.values())) > 1:
            raise Disagreement(f"{workload.name}: {answers} for {given}")
        compared += 1
    return compared
