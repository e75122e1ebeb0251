"""One number of a run, with its target if it has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`limit` is the largest acceptable value; `unit` is the format, such as `{:.2f} s`."""

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
class Cell:
    """One number in a table of engines: the time relative to the base."""

    section: str
    peer: str
    column: str
    ratio: float

    @property
    def shown(self) -> str:
        return f"{self.ratio:.2f}×" if self.ratio < 10 else f"{self.ratio:,.0f}×"


@dataclass(frozen=True)
class Note:
    """A note for the reader: which engines were left out or got fewer inputs."""

    text: str


@dataclass(frozen=True)
class Effort:
    """How long a run may take: larger values give more stable numbers."""

    inputs: int = 2_000
    rounds: int = 15
    decisions: int = 1_000_000


Findings = list[Result | Cell | Note]
Measure = Callable[[Effort], Findings]
