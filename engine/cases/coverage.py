"""Measure what the cases of a policy do not cover: rules that decided nothing, table rows that never applied, and named
conditions that were never true or never false."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from documents.diagnostics import Diagnostic
from engine.backends.reference import environment, evaluate
from engine.bundle import Bundle
from engine.cases.run import CaseResult, facts_of
from engine.compiled import CompiledPolicy
from engine.expression.quantity import from_datetime
from engine.policy.model import Policy


@dataclass
class PolicyCoverage:
    """The coverage of one version. `uncovered` lists what is missing, as (kind, name, what is missing)."""

    of: Policy
    decided: set[str] = field(default_factory=set)
    applied: set[str] = field(default_factory=set)
    true: set[str] = field(default_factory=set)
    false: set[str] = field(default_factory=set)
    rules: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def uncovered(self) -> list[tuple[str, str, str]]:
        missing = [
            ("rule", rule, "no case is decided by it") for rule in self.rules if rule not in self.decided
        ]
        missing += [("row", row, "no case makes it apply") for row in self.rows if row not in self.applied]
        for name in self.conditions:
            missing += [("condition", name, "it is never true")] if name not in self.true else []
            missing += [("condition", name, "it is never false")] if name not in self.false else []
        return missing

    @property
    def policy(self) -> str:
        return self.of.name

    @property
    def version(self) -> int:
        return self.of.version

    def diagnostics(self) -> list[Diagnostic]:
        """What is not covered, each as a diagnostic at its place in the policy."""
        return [self._diagnostic(*missing) for missing in self.uncovered()]

    def _diagnostic(self, kind: str, name: str, missing: str) -> Diagnostic:
        rules = {rule.id: rule.id_node for rule in self.of.rules}
        node = self.of.conditions[name].node if kind == "condition" else rules.get(name.partition("[")[0])
        node = self.of.otherwise.node if node is None else node
        return node.diagnostic("not-covered", f"{kind} `{name}` of {self.of.number}: {missing}")

    def undecided(self) -> list[tuple[str, str, str]]:
        """The uncovered rules and rows. Conditions are left out, since some are never false."""
        return [missing for missing in self.uncovered() if missing[0] != "condition"]

    def counts(self) -> dict[str, tuple[int, int]]:
        """The covered and total numbers of rules, rows and conditions. Each condition counts once for true and once for false."""
        truths = len(self.true) + len(self.false)
        return {
            "rules": (len(self.decided & set(self.rules)), len(self.rules)),
            "rows": (len(self.applied & set(self.rows)), len(self.rows)),
            "conditions": (truths, 2 * len(self.conditions)),
        }


def measure_coverage(
    bundle: Bundle, results: Iterable[CaseResult], policies: Iterable[str] | None = None
) -> list[PolicyCoverage]:
    """Measure every version that is ever in force, of all or the given policies, by the cases that are decided as expected."""
    chosen = sorted(bundle.policies if policies is None else policies)
    coverages = {(name, v.version): _empty(v) for name in chosen for v in bundle.policies[name].deciding}
    for result in results:
        if result.shows_its_rule and result.version is not None:
            coverage = coverages.get((result.version.name, result.version.version))
            if coverage is not None:
                _add(coverage, result)
    return list(coverages.values())


def _empty(version: CompiledPolicy) -> PolicyCoverage:
    reasons = tuple(dict.fromkeys(e.reason for e in version.entries))
    rows = tuple(e.id for e in version.entries if e.id != e.reason)
    conditions = tuple(n for n in version.validated.conditions if n in version.validated.policy.conditions)
    return PolicyCoverage(version.validated.policy, rules=reasons, rows=rows, conditions=conditions)


def _add(coverage: PolicyCoverage, result: CaseResult) -> None:
    version, decision = result.version, result.decision
    assert version is not None and decision is not None
    if decision.errors:
        return
    coverage.decided.add(decision.reason)
    coverage.applied.update(decision.matched)
    facts, _ = version.facts_check.check(facts_of(result.case, version))
    now = from_datetime(result.case.at)
    assert now is not None
    env = environment(version.validated, facts, now)
    for name in coverage.conditions:
        held = evaluate(version.validated.conditions[name], env)
        (coverage.true if held else coverage.false).add(name)
