"""Comity's compiled rules, without the facts check and the decision object."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Answer, Facts, Workload
from documents.source import Source
from engine import Bundle, load_sources
from engine.compiled import CompiledPolicy


def bundle_of(workload: Workload) -> Bundle:
    loaded = load_sources([Source(workload.name, workload.text)])
    if loaded.bundle is None:
        raise ValueError("\n".join(d.render() for d in loaded.diagnostics))
    return loaded.bundle


def version_of(bundle: Bundle) -> CompiledPolicy:
    """The only version of the only policy."""
    (versions,) = bundle.policies.values()
    return versions.all[-1]


class Comity:
    name = "comity"

    def build(self, workload: Workload) -> Built:
        return bare(version_of(bundle_of(workload)))


def bare(version: CompiledPolicy) -> Built:
    return _worst(version) if version.validated.policy.hit == "worst" else _first(version)


def _first(version: CompiledPolicy) -> Built:
    def answer(position: Any) -> Answer:
        entry = version.entries[position]
        return entry.outcome, (entry.id,)

    return Built(version.rules, answer)


def _worst(version: CompiledPolicy) -> Built:
    rules, deciding = version.rules, version.deciding

    def decide(facts: Facts, now: int) -> tuple[int, list[int]]:
        hits = rules(facts, now)
        return deciding(hits), hits

    def answer(raw: tuple[int, list[int]]) -> Answer:
        chosen, hits = raw
        ids = tuple(version.entries[position].id for position in hits or [chosen])
        return version.entries[chosen].outcome, ids

    return Built(decide, answer)
