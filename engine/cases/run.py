"""Running cases: each decision compared with what its case expects, and the rules that no case decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from documents.diagnostics import Diagnostic, did_you_mean
from engine.bundle import Bundle, PolicyNotInForce
from engine.cases.reader import Case
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision
from engine.policy.parameter_settings import with_settings


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that the decision does not meet."""

    key: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.key}: expected {_shown(self.expected)}, got {_shown(self.actual)}"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`problems` are mistakes in the case itself, such as a rule that its policy does not have."""

    case: Case
    decision: Decision | None
    failures: tuple[Failure, ...]
    problems: tuple[Diagnostic, ...]
    version: CompiledPolicy | None = None

    @property
    def passed(self) -> bool:
        return not self.failures and not self.problems


Settled = dict[tuple[object, ...], CompiledPolicy]
"""Versions with the parameter values that cases assume; one for each bundle, to be handed to each of its cases."""


def run_case(bundle: Bundle, case: Case, settled: Settled | None = None) -> CaseResult:
    version, problems = _version(bundle, case, {} if settled is None else settled)
    if version is None:
        return CaseResult(case, None, (), tuple(problems))
    problems += _unknown_rules(version, case)
    decision = version.decide(case.facts, now=case.at, bundle_digest=bundle.digest)
    told = decision.to_dict()
    failures = [Failure(k, v, told[k]) for k, v in case.expect.items() if not _equal(v, told[k])]
    if decision.errors and failures:
        failures += [Failure("facts", "facts that fit", e.message) for e in decision.errors]
    return CaseResult(case, decision, tuple(failures), tuple(problems), version)


def _version(bundle: Bundle, case: Case, settled: Settled) -> tuple[CompiledPolicy | None, list[Diagnostic]]:
    """The version in force at the moment of the case, with the parameter values that the case assumes."""
    if case.policy not in bundle.policies:
        hint = did_you_mean(case.policy, bundle.policies)
        return None, [case.node.diagnostic("unknown-policy", f"unknown policy `{case.policy}`", hint)]
    try:
        version = bundle.version_at(case.policy, case.at)
    except PolicyNotInForce as error:
        return None, [case.node.diagnostic("policy-not-in-force", str(error), "set a later `at`")]
    if not case.settings:
        return version, []
    key = (version.version, *((name, id(node)) for name, node in case.settings.items()))
    if key not in settled:
        policy, problems = with_settings(version.validated.policy, case.settings)
        if problems:
            return None, problems
        settled[key] = bundle.compile(replace(version.validated, policy=policy))
    return settled[key], []


def _unknown_rules(version: CompiledPolicy, case: Case) -> list[Diagnostic]:
    known = {e.id for e in version.entries} | {ON_ERROR}
    node, rule = case.expect_nodes.get("rule"), case.expect.get("rule")
    if node is None or rule in known:
        return []
    return [
        node.diagnostic("unknown-rule", f"the policy has no rule `{rule}`", did_you_mean(str(rule), known))
    ]


def _equal(expected: Any, actual: Any) -> bool:
    """Equal in value and in type: 1 is not true, and 1.0 is not 1."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_equal(expected[k], actual[k]) for k in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_equal, expected, actual))
    return type(expected) is type(actual) and expected == actual


def _shown(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"{value}"


def undecided_rules(bundle: Bundle, results: Iterable[CaseResult]) -> list[tuple[str, str]]:
    """The rules, as (policy, rule), that no passed case decides; newest versions only."""
    results = list(results)
    decided = {(r.case.policy, r.decision.reason) for r in results if r.decision is not None and r.passed}
    missing = []
    for name, versions in sorted(bundle.policies.items()):
        reasons = dict.fromkeys(e.reason for e in versions.all[-1].entries)
        missing += [(name, reason) for reason in reasons if (name, reason) not in decided]
    return missing
