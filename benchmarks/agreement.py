"""Nothing is measured that does not answer alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import NOW, Facts, Workload, micros, plain


class Disagreement(Exception):
    """Two peers answer the same facts differently: a number beside them would mean nothing."""


def check_agreement(workload: Workload, built: Mapping[str, Built], facts: Iterable[Facts]) -> int:
    """How many facts were compared; raises Disagreement at the first that are answered differently."""
    compared, now = 0, micros(NOW)
    for given in facts:
        answers = {name: b.answer(b.decide(plain(given), now)) for name, b in built.items()}
        if len(set(answers.values())) > 1:
            raise Disagreement(f"{workload.name}: {answers} for {given}")
        compared += 1
    return compared
