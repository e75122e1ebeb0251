"""A policy to measure, and facts to decide on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

Facts = dict[str, Any]
Answer = tuple[str, tuple[str, ...]]
"""The outcome and the deciding rule; with `hit: worst`, every matching rule in document order."""

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SHIPPED = Path(__file__).resolve().parents[2] / "policies"
OWN = Path(__file__).resolve().parents[1] / "policies"
FROZEN = OWN / "first_edition"
"""The shipped policies in the first edition of the language. They never change, so that builds stay comparable."""


@dataclass(frozen=True)
class Workload:
    """`text` is the policy as YAML; `facts` generates one random set of facts, as a service would pass them."""

    name: str
    text: str
    facts: Callable[[Random], Facts]
    table: tuple[tuple[str, str, int], ...] = ()
    """The rows of the policy's table, if it was generated for the run: kind, region and limit."""

    @property
    def rows(self) -> int:
        return len(self.table)

    def samples(self, count: int, seed: int = 2026) -> list[Facts]:
        """Always the same facts for the same count and seed."""
        random = Random(seed)
        return [self.facts(random) for _ in range(count)]


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970: every engine gets times as numbers, so that none pays for parsing them."""
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


def plain(facts: Facts) -> Facts:
    """Facts with their timestamps as numbers."""
    return {name: micros(v) if isinstance(v, datetime) else v for name, v in facts.items()}
