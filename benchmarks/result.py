"""One number of a run, with its target where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`limit` is the most that is good; `unit` is how a number is written, such as `{:.2f} s`."""

    section: str
    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def shown(self) -> str:
        return self.unit.format(self.value)

    @property
    def target(self) -> str:
        return "" if self.limit is None else "at most " + self.unit.format(self.limit)

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "met" if self.value <= self.limit else "not met"


@dataclass(frozen=True)
class Effort:
    """How long a run may take: more of each gives steadier numbers."""

    inputs: int = 2_000
    rounds: int = 15
    decisions: int = 1_000_000


Measure = Callable[[Effort], list[Result]]
