"""Running cases: each decision compared with what its case expects, and the rules that no case decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Mapping, Node, Sequence
from engine.bundle import Bundle, PolicyNotInForce
from engine.cases.reader import Case
from engine.cases.values import equal, exact, in_yaml, means, misread
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision, FactError
from engine.expression.values import to_json
from engine.policy.parameter_settings import with_parameters, with_settings

_LONG = 40


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that the decision does not meet; the `key` of an output is `outputs.name`."""

    key: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        expected, actual = _quoted(self.expected), _quoted(self.actual)
        if isinstance(self.expected, str) and max(len(expected), len(actual)) > _LONG:
            return f"{self.key}: expected {expected}\n{' ' * len(self.key)}       got {actual}"
        return f"{self.key}: expected {expected}, got {actual}{self._items()}"

    def _items(self) -> str:
        """Which items of a list are missing, and which are too many."""
        if not isinstance(self.expected, list) or not isinstance(self.actual, list):
            return ""
        missing = [v for v in self.expected if v not in self.actual]
        surplus = [v for v in self.actual if v not in self.expected]
        told = [f"missing {in_yaml(missing)}"] * bool(missing) + [f"not expected {in_yaml(surplus)}"] * bool(
            surplus
        )
        return f" ({', '.join(told)})" if told else ""


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
        """Whether the case reached what it is about: outcome and rule are as expected, whatever else is not."""
        return (
            not self.skipped
            and self.decision is not None
            and not self.problems
            and all(f.key not in ("outcome", "rule", "reason") for f in self.failures)
        )


Settled = dict[tuple[object, ...], CompiledPolicy]
"""Versions with the parameter values that cases assume; one for each bundle, to be handed to each of its cases."""


def run_case(bundle: Bundle, case: Case, settled: Settled | None = None) -> CaseResult:
    """What becomes of a case; one that is to be skipped is not run."""
    if case.skip is not None:
        return CaseResult(case, None, (), ())
    version, problems = _version(bundle, case, {} if settled is None else settled)
    if version is None:
        return CaseResult(case, None, (), tuple(problems))
    decision = version.decide(facts_of(case, version), now=case.at, bundle_digest=bundle.digest)
    failures = tuple(_failures(version, case, decision))
    if not failures:
        return CaseResult(case, decision, (), (), version)
    if decision.errors and case.expect.get("rule") != ON_ERROR:
        problems = [_misfit(case, error) for error in decision.errors]
        return CaseResult(case, decision, (), tuple(problems), version)
    problems = list(_unknown(version, case))
    return CaseResult(case, decision, failures, tuple(problems), version)


def facts_of(case: Case, version: CompiledPolicy) -> dict[str, Any]:
    """The facts as the policy declares them: decimals as they are written."""
    declared = version.validated.policy.facts
    return {
        name: exact(case.fact_nodes[name][1], value, declared[name].type) if name in declared else value
        for name, value in case.facts.items()
    }


def _version(bundle: Bundle, case: Case, settled: Settled) -> tuple[CompiledPolicy | None, list[Diagnostic]]:
    """The version in force at the moment of the case, with the parameter values that the case assumes."""
    if case.policy not in bundle.policies:
        hint = did_you_mean(case.policy, bundle.policies)
        message = f"unknown policy `{case.policy}`"
        return None, [case.policy_node.diagnostic("unknown-policy", message, hint)]
    try:
        version = bundle.version_at(case.policy, case.at)
    except PolicyNotInForce as error:
        return None, [case.at_node.diagnostic("policy-not-in-force", str(error), "set a later `at`")]
    if not case.settings:
        return version, []
    key = (version.version, *((name, id(node)) for name, node in case.settings.items()))
    if key not in settled:
        policy, problems = with_settings(version.validated.policy, case.settings)
        if problems:
            return None, problems
        validated, refused = with_parameters(version.validated, policy)
        if validated is None:
            return None, list(refused)
        settled[key] = bundle.compile(validated)
    return settled[key], []


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
    """Outputs are compared as values of their types; where the names differ, as a whole."""
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


def _unknown(version: CompiledPolicy, case: Case) -> Iterator[Diagnostic]:
    """What a case expects that its policy can never answer."""
    nodes, policy = case.expect_nodes, version.validated.policy
    outcome, rule = case.expect.get("outcome"), case.expect.get("rule")
    if outcome not in policy.outcomes:
        hint = did_you_mean(str(outcome), policy.outcomes)
        yield nodes["outcome"].diagnostic(
            "unknown-outcome", f"`{in_yaml(outcome)}` is no outcome of `{policy.name}`", hint
        )
    known = {e.id for e in version.entries} | {ON_ERROR}
    if rule not in known:
        rows = [id_ for id_ in known if id_.startswith(f"{rule}[")]
        hint = f"name the row, such as `{min(rows)}`, in quotes" if rows else did_you_mean(str(rule), known)
        yield nodes["rule"].diagnostic("unknown-rule", f"the policy has no rule `{in_yaml(rule)}`", hint)
    outputs = nodes.get("outputs")
    if isinstance(outputs, Mapping):
        for key, node in outputs.entries:
            output = policy.outputs.get(key.text)
            if output is None:
                hint = did_you_mean(key.text, policy.outputs)
                yield key.diagnostic("unknown-output", f"the policy has no output `{key.text}`", hint)
            elif wrong := misread(case.expect["outputs"][key.text], output.type):
                yield node.diagnostic("bad-value", f"the output `{key.text}` is a {output.type}", wrong)


def _misfit(case: Case, error: FactError) -> Diagnostic:
    """A fact that does not fit, at its place; where there is none, because it is missing, at the case."""
    message, _, hint = error.message.partition("; ")
    node = _node_at(case, error.path, error.code)
    if error.code == "missing":
        hint = "give it under `given` or `facts`, or expect the rule `on-error`"
    return (node or case.node).diagnostic(f"{error.code}-fact", message, hint or None)


def _node_at(case: Case, path: str, code: str) -> Node | None:
    """Where the fact of a path such as `parcels[2].weight` stands; of what is missing, where it should."""
    steps = re.findall(r"[^.\[\]]+", path)
    key, node = case.fact_nodes.get(steps[0] if steps else "", (None, None))
    if len(steps) == 1 and code == "unknown":
        return key
    for step in steps[1:]:
        inner: Node | None = None
        if isinstance(node, Sequence) and step.isdigit() and int(step) < len(node.items):
            inner = node.items[int(step)]
        elif isinstance(node, Mapping):
            inner = node.get(step)
        if inner is None:
            break
        node = inner
    return node


def _quoted(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{in_yaml(value)}`"


def undecided_rules(
    bundle: Bundle, results: Iterable[CaseResult], policies: Iterable[str] | None = None
) -> list[tuple[str, str]]:
    """The rules, as (policy, rule), that no case decides as it expects; newest versions only, of all policies or some."""
    decided = {(r.case.policy, r.decision.reason) for r in results if r.shows_its_rule and r.decision}
    missing = []
    for name in sorted(bundle.policies if policies is None else policies):
        reasons = dict.fromkeys(e.reason for e in bundle.policies[name].all[-1].entries)
        missing += [(name, reason) for reason in reasons if (name, reason) not in decided]
    return missing
