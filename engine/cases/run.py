"""Run cases: compare each decision with what its case expects, and find rules that no case decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Mapping, Node
from engine.bundle import Bundle, Choice, PolicyNotInForce
from engine.cases.case import Case
from engine.cases.impossible import impossible_expectations
from engine.cases.misfits import causes, misfit
from engine.cases.values import equal, exact, holds_decimals, in_yaml, means
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision
from engine.expression.types import Type
from engine.expression.values import to_json
from engine.policy.parameter_settings import with_parameters, with_settings

_LONG = 40


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that the decision does not meet. The `key` of an output is `outputs.name`."""

    key: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        expected, actual = _quoted(self.expected), _quoted(self.actual)
        if unnamed := self._unnamed():
            return unnamed
        if isinstance(self.expected, str) and max(len(expected), len(actual)) > _LONG:
            return f"{self.key}: expected {expected}\n{' ' * len(self.key)}       got {actual}"
        return f"{self.key}: expected {expected}, got {actual}{self._items()}"

    def _unnamed(self) -> str | None:
        """The message if the case and the decision name different outputs."""
        if self.key != "outputs" or not isinstance(self.expected, dict) or not isinstance(self.actual, dict):
            return None
        left = [name for name in self.actual if name not in self.expected]
        if not left or not self.expected or not self.expected.keys() <= self.actual.keys():
            return None
        others = ", ".join(f"{name}: {in_yaml(self.actual[name])}" for name in left)
        return f"outputs: name every output, or leave `outputs` out; the others are `{others}`"

    def _items(self) -> str:
        """The missing and surplus items of a list."""
        if not isinstance(self.expected, list) or not isinstance(self.actual, list):
            return ""
        missing = [v for v in self.expected if v not in self.actual]
        surplus = [v for v in self.actual if v not in self.expected]
        differences = [f"missing {in_yaml(missing)}"] * bool(missing) + [
            f"not expected {in_yaml(surplus)}"
        ] * bool(surplus)
        return f" ({', '.join(differences)})" if differences else ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`problems` are mistakes in the case itself, such as a rule that its policy does not have."""

    case: Case
    decision: Decision | None
    failures: tuple[Failure, ...]
    problems: tuple[Diagnostic, ...]
    version: CompiledPolicy | None = None

    @property
    def skipped(self) -> bool:
        return self.case.skip is not None

    @property
    def passed(self) -> bool:
        return not self.skipped and not self.failures and not self.problems

    @property
    def failed(self) -> bool:
        return not self.skipped and not self.passed

    @property
    def shows_its_rule(self) -> bool:
        """Whether the decision reached the rule under test: outcome and rule are as expected, even if other values differ."""
        return (
            not self.skipped
            and self.decision is not None
            and not self.problems
            and all(f.key not in ("outcome", "rule", "reason") for f in self.failures)
        )


Settled = dict[tuple[object, ...], CompiledPolicy]
"""A cache of versions with the parameter values that cases assume. Use one per bundle, and pass it to each of its cases."""


def run_case(bundle: Bundle, case: Case, settled: Settled | None = None) -> CaseResult:
    """Run a case, unless it is to be skipped."""
    if case.skip is not None:
        return CaseResult(case, None, (), ())
    choice, problems = _choice(bundle, case, {} if settled is None else settled)
    if choice is None:
        return CaseResult(case, None, (), tuple(problems))
    version = choice.version
    if choice.errors:
        decision = version.refuse(choice.errors, case.at, bundle.digest)
    else:
        decision = version.decide(facts_of(case, version), now=case.at, bundle_digest=bundle.digest)
    failures = tuple(_failures(version, case, decision))
    if not failures:
        return CaseResult(case, decision, (), (), version)
    if decision.errors and case.expect.get("rule") != ON_ERROR:
        policy = version.validated.policy
        problems = [misfit(case, error, policy) for error in causes(decision.errors)]
        return CaseResult(case, decision, (), tuple(problems), version)
    problems = list(impossible_expectations(version, case, decision))
    mistaken = {(p.line, p.column) for p in problems}
    failures = tuple(f for f in failures if _place(_node_of(case, f.key)) not in mistaken)
    return CaseResult(case, decision, failures, tuple(problems), version)


def _node_of(case: Case, key: str) -> Node | None:
    """Where a case states an expectation: one that can never be met is reported there, and not as a difference too."""
    section, _, name = key.partition(".")
    node = case.expect_nodes.get(section)
    return node.get(name) if name and isinstance(node, Mapping) else node


def _place(node: Node | None) -> tuple[int, int] | None:
    return None if node is None else node.source.line_column(node.start)


def facts_of(case: Case, version: CompiledPolicy) -> Map[str, Any]:
    """The facts in the types that the policy declares, so that decimals keep their written digits."""
    decimals = _with_decimals(version)
    if not decimals:
        return case.facts
    return {
        name: exact(case.fact_nodes[name][1], value, decimals[name]) if name in decimals else value
        for name, value in case.facts.items()
    }


@lru_cache(maxsize=100)
def _with_decimals(version: CompiledPolicy) -> Map[str, Type]:
    """The types of the facts that are or hold decimals."""
    facts = version.validated.policy.facts
    return {name: fact.type for name, fact in facts.items() if holds_decimals(fact.type)}


def _choice(bundle: Bundle, case: Case, settled: Settled) -> tuple[Choice | None, list[Diagnostic]]:
    """The version that decides at the time of the case, with the parameter values that the case assumes."""
    if case.policy not in bundle.policies:
        hint = did_you_mean(case.policy, bundle.policies)
        message = f"unknown policy `{case.policy}`"
        return None, [case.policy_node.diagnostic("unknown-policy", message, hint)]
    try:
        choice = bundle.choose(case.policy, case.facts, case.at)
    except PolicyNotInForce as error:
        return None, [case.at_node.diagnostic("policy-not-in-force", str(error), "set a later `at`")]
    if not case.settings:
        return choice, []
    version = choice.version
    key = (version.version, *((name, id(node)) for name, node in case.settings.items()))
    if key not in settled:
        policy, problems = with_settings(version.validated.policy, case.settings, case.setting_keys)
        if problems:
            return None, problems
        validated, refused = with_parameters(version.validated, policy)
        if validated is None:
            return None, list(refused)
        settled[key] = bundle.compile(validated)
    return choice._replace(version=settled[key]), []


def _failures(version: CompiledPolicy, case: Case, decision: Decision) -> Iterator[Failure]:
    for key, expected in case.expect.items():
        if key == "outputs":
            yield from _outputs(version, case, expected, decision)
            continue
        value = getattr(decision, key)
        actual = list(value) if isinstance(value, tuple) else value
        if not equal(expected, actual):
            yield Failure(key, expected, actual)


def _outputs(version: CompiledPolicy, case: Case, expected: Any, decision: Decision) -> Iterator[Failure]:
    """Compare outputs as values of their types. If the names differ, compare all outputs at once."""
    actual: dict[str, Any] = {name: to_json(value) for name, value in decision.outputs.items()}
    if not isinstance(expected, dict) or expected.keys() != actual.keys():
        yield Failure("outputs", expected, actual)
        return
    declared, nodes = version.validated.policy.outputs, case.expect_nodes["outputs"]
    for name, value in expected.items():
        node = nodes.get(name) if isinstance(nodes, Mapping) else None
        value = value if node is None else exact(node, value, declared[name].type)
        if not equal(value, actual[name]) and not means(value, actual[name], declared[name].type):
            yield Failure(f"outputs.{name}", value, actual[name])


def _quoted(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{in_yaml(value)}`"


def undecided_rules(
    bundle: Bundle, results: Iterable[CaseResult], policies: Iterable[str] | None = None
) -> list[tuple[str, str]]:
    """The rules, as (policy, rule), that no case decides as expected.

    Looks at the newest version that is ever in force, of all or the given policies.
    """
    decided = {(r.case.policy, r.decision.reason) for r in results if r.shows_its_rule and r.decision}
    missing = []
    for name in sorted(bundle.policies if policies is None else policies):
        reasons = dict.fromkeys(e.reason for e in bundle.policies[name].newest.entries)
        missing += [(name, reason) for reason in reasons if (name, reason) not in decided]
    return missing
