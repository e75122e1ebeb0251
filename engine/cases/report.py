"""The result of running cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from documents.diagnostics import Diagnostic
from engine.cases.run import CaseResult

if TYPE_CHECKING:
    from engine.cases.coverage import PolicyCoverage


@dataclass
class Report:
    """`broken` lists problems in the policies, which prevent all cases from running. `problems` are those in case files."""

    results: list[CaseResult] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    broken: tuple[Diagnostic, ...] = ()
    undecided: list[tuple[str, str]] = field(default_factory=list)
    coverage: list[PolicyCoverage] | None = None

    @property
    def passed(self) -> int:
        return sum(r.passed for r in self.results)

    @property
    def failed(self) -> int:
        return sum(r.failed for r in self.results)

    @property
    def skipped(self) -> int:
        return sum(r.skipped for r in self.results)

    @property
    def good(self) -> bool:
        uncovered = any(c.uncovered() for c in self.coverage or [])
        return bool(self.results) and not (self.broken or self.problems or uncovered or self.failed)
