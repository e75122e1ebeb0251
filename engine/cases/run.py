"""Run cases: compare each decision with what its case expects, and find rules that no case decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from documents.diagnostics import Diagnostic, did_you_mean, nearest
from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.bundle import Bundle, Choice, PolicyNotInForce
from engine.cases.reader import Case
from engine.cases.values import equal, exact, holds_decimals, in_yaml, means, misread
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision, FactError
from engine.expression.quantity import no_such_moment
from engine.expression.types import Type, article
from engine.expression.values import to_json
from engine.policy.model import Policy, Status
from engine.policy.parameter_settings import with_parameters, with_settings
from engine.policy.rule_reader import STATUS_WORDS
from engine.policy.type_reader import scalar_value, value_hint

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
        problems = [_misfit(case, error, policy) for error in _causes(decision.errors)]
        return CaseResult(case, decision, (), tuple(problems), version)
    problems = list(_unknown(version, case, decision))
    mistaken = {(p.line, p.column) for p in problems}
    failures = tuple(f for f in failures if _place(_node_of(case, f.key)) not in mistaken)
    return CaseResult(case, decision, failures, tuple(problems), version)


def _node_of(case: Case, key: str) -> Node | None:
    """Where a case states an expectation about an output or a message; other expectations are reported with the decision."""
    section, _, name = key.partition(".")
    node = case.expect_nodes.get(section) if section in ("outputs", "message") else None
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


def _unknown(version: CompiledPolicy, case: Case, decision: Decision) -> Iterator[Diagnostic]:
    """Expectations that the policy can never meet."""
    nodes, policy = case.expect_nodes, version.validated.policy
    outcome = case.expect.get("outcome")
    if outcome not in policy.outcomes:
        hint = did_you_mean(str(outcome), policy.outcomes)
        yield nodes["outcome"].diagnostic(
            "unknown-outcome", f"`{in_yaml(outcome)}` is no outcome of `{policy.name}`", hint
        )
    yield from _unknown_rules(version, case, decision)
    status = case.expect.get("status")
    if status is not None and status not in get_args(Status):
        hint = did_you_mean(str(status), get_args(Status))
        if nearest(str(status), get_args(Status)) is None:
            hint = STATUS_WORDS.get(str(status)) or STATUS_WORDS[""]
        yield nodes["status"].diagnostic("unknown-status", f"`{in_yaml(status)}` is no status", hint)
    expected = case.expect.get("message")
    if (
        isinstance(expected, str)
        and re.search(r"\{[^{}]+\}", expected)
        and expected != decision.message
        and case.expect.get("rule") == decision.rule
        and decision.message is not None
    ):
        rendered = in_yaml(decision.message)
        hint = (
            f"write `{rendered}`"
            if len(rendered) <= 300
            else "write it with the values in place of the braces"
        )
        yield nodes["message"].diagnostic("bad-value", "a case expects the message as people read it", hint)
    yield from _unknown_obligations(policy, nodes.get("obligations"))
    yield from _unknown_outputs(policy, nodes.get("outputs"), case.expect.get("outputs"))


def _unknown_rules(version: CompiledPolicy, case: Case, decision: Decision) -> Iterator[Diagnostic]:
    """Rules under `rule`, `reason` and `matched` that the policy does not have."""
    known = {e.id for e in version.entries} | {ON_ERROR}
    reasons = {e.reason for e in version.entries} | {ON_ERROR}
    for key, options in (("rule", known), ("reason", reasons), ("matched", known)):
        node = case.expect_nodes.get(key)
        for item in node.items if isinstance(node, Sequence) else [node]:
            if (
                not isinstance(item, Scalar)
                or item.value in options
                or (key != "rule" and item.value is None)
            ):
                continue
            rows = sorted(id_ for id_ in options if id_.startswith(f"{item.text}["))
            if rows:
                decided = decision.rule if decision.rule in rows else None
                alternatives = (
                    f'`"{decided}"`, which decides here'
                    if decided
                    else " or ".join(f'`"{r}"`' for r in rows[:3])
                )
                message = f"the rule `{item.text}` is made for each row, so a case names one of them"
                yield item.diagnostic("unknown-rule", message, f"write {alternatives}")
                continue
            hint = did_you_mean(item.text, options) or f"`{decision.rule}` decides here"
            yield item.diagnostic("unknown-rule", f"the policy has no rule `{in_yaml(item.value)}`", hint)


def _unknown_obligations(policy: Policy, node: Node | None) -> Iterator[Diagnostic]:
    if isinstance(node, Scalar) and node.value is not None:
        yield node.diagnostic("not-a-list", "`obligations` must be a list", f"write `[{node.text}]`")
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and item.value not in policy.obligations:
            hint = did_you_mean(item.text, policy.obligations)
            message = f"`{item.text}` is no obligation of `{policy.name}`"
            yield item.diagnostic("unknown-obligation", message, hint)


def _unknown_outputs(policy: Policy, node: Node | None, expected: Any) -> Iterator[Diagnostic]:
    if node is not None and not isinstance(node, Mapping):
        example = ", ".join(f"{name}: …" for name in policy.outputs)
        shape = f"write `{{{example}}}`" if example else "delete it: the policy has no outputs"
        yield node.diagnostic("not-a-mapping", "`outputs` must be a mapping of names to values", shape)
        return
    for key, value in node.entries if node is not None else ():
        output = policy.outputs.get(key.text)
        if output is None:
            hint = did_you_mean(key.text, policy.outputs)
            yield key.diagnostic("unknown-output", f"the policy has no output `{key.text}`", hint)
        elif wrong := _misread(value, expected[key.text], output.type):
            message = f"the output `{key.text}` is {article(output.type.required())}"
            yield value.diagnostic("bad-value", message, wrong)


def _misread(node: Node, expected: Any, type_: Type) -> str | None:
    """How to write an expected value that is invalid for its type; None if it is valid."""
    if not isinstance(node, Scalar) or expected is None or type_.item is not None or type_.kind == "record":
        return None
    if type_.kind in ("duration", "timestamp"):
        return (value_hint(node, type_) or misread(expected, type_)) if misread(expected, type_) else None
    fits = scalar_value(node, type_) is not None or (type_.kind == "double" and type(expected) is int)
    return None if fits else value_hint(node, type_)


def _causes(errors: Iterable[FactError]) -> list[FactError]:
    """The errors, without a missing fact whose name is misspelled: the error for the misspelling already suggests it."""
    unknown = [e for e in errors if e.code == "unknown"]
    meant = {
        f"{e.path.rpartition('.')[0]}|{m[1]}"
        for e in unknown
        if (m := re.search("did you mean `([^`]+)`", e.message))
    }
    return [e for e in errors if e.code != "missing" or "|".join(e.path.rpartition(".")[::2]) not in meant]


def _misfit(case: Case, error: FactError, policy: Policy) -> Diagnostic:
    """A diagnostic at the fact that does not fit; for a missing fact, at the place where it belongs."""
    message, _, hint = error.message.partition("; ")
    node = _node_at(case, error.path, error.code)
    written = node.source.text[node.start : node.end] if node is not None else ""
    if error.code == "missing":
        return _missing(case, error, message, node)
    declared = policy.facts.get(re.split(r"[.\[]", error.path)[0])
    type_ = _type_at(declared.type, error.path) if declared else None
    if error.code == "unknown" and error.path in policy.parameters:
        hint = f"it is a parameter: give it under `with: {{{error.path}: …}}`"
    elif error.code == "null":
        hint = "give it a value, or let its type in the policy end in `?`"
    elif error.code == "out-of-bounds":
        hint = "keep to the bounds, or expect the rule `on-error`"
    elif error.code == "mistyped" and node is not None and type_ is not None and type_.item is not None:
        hint = f"write `[{written}]`" if "\n" not in written else "begin each item with `- `"
    elif error.code == "mistyped" and type_ is not None and type_.kind == "record":
        hint = f"write `{{{', '.join(f'{name}: …' for name, _ in type_.fields)}}}`"
    elif isinstance(node, Scalar) and type_ is not None and error.code in _REREAD:
        hint = value_hint(node, type_) or hint
        missing = no_such_moment(node.text) if type_.kind == "timestamp" else None
        message = missing[0] if missing else message
    return (node or case.node).diagnostic(f"{error.code}-fact", message, hint or None)


_REREAD = ("mistyped", "bad-timestamp", "bad-duration", "bad-decimal")
"""Elsewhere, messages about facts never repeat a value, which may be private. The owner of a case can see the values, so hints
may use them."""


def _missing(case: Case, error: FactError, message: str, node: Node | None) -> Diagnostic:
    """Report a missing fact at `given`, so that cases sharing it report it once, unless the case removes the fact with
    `without`."""
    field = error.path.rpartition(".")[2]
    if node is not None:
        return node.diagnostic(
            "missing-fact", message, f"add `{field}: …` to it, or expect the rule `on-error`"
        )
    if error.path in case.left_out:
        hint = f"expect the rule `on-error`, or leave `{field}` in"
        return case.left_out[error.path].diagnostic("missing-fact", message, hint)
    given = case.given_node
    if given is not None:
        hint = f"add `{field}: …` below it, or to each case; or expect the rule `on-error`"
        return given.diagnostic("missing-fact", message, hint)
    hint = "give it under `given` or `facts`, or expect the rule `on-error`"
    return case.node.diagnostic("missing-fact", message, hint)


def _type_at(type_: Type, path: str) -> Type | None:
    """The type of a part of a fact, such as `parcels[2].weight`."""
    current: Type | None = type_
    for field in re.findall(r"\[[0-9]+\]|\.[^.\[]+", path):
        current = (
            (current.item if field[0] == "[" else current.field(field[1:])) if current is not None else None
        )
    return current


def _node_at(case: Case, path: str, code: str) -> Node | None:
    """The node of a path such as `parcels[2].weight`; for a missing fact, the node in which it belongs."""
    steps = re.findall(r"[^.\[\]]+", path)
    key, node = case.fact_nodes.get(steps[0] if steps else "", (None, None))
    if len(steps) == 1 and code == "unknown":
        return key
    for step in steps[1:]:
        inner: Node | None = None
        if code == "unknown" and step == steps[-1] and isinstance(node, Mapping):
            return next((key for key, _ in node.entries if key.text == step), node)
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
    """The rules, as (policy, rule), that no case decides as expected.

    Looks at the newest version that is ever in force, of all or the given policies.
    """
    decided = {(r.case.policy, r.decision.reason) for r in results if r.shows_its_rule and r.decision}
    missing = []
    for name in sorted(bundle.policies if policies is None else policies):
        reasons = dict.fromkeys(e.reason for e in bundle.policies[name].newest.entries)
        missing += [(name, reason) for reason in reasons if (name, reason) not in decided]
    return missing
