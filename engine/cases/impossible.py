"""Find expectations that a policy can never meet: names that it does not have, and values that its types do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from documents.diagnostics import Diagnostic, did_you_mean, nearest
from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import without_dashes
from engine.cases.case import Case
from engine.cases.values import in_yaml, misread
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR, Decision
from engine.expression.types import Type, article
from engine.policy.model import Policy, Status
from engine.policy.rule_reader import STATUS_WORDS
from engine.policy.value_reader import scalar_value, value_hint


def impossible_expectations(version: CompiledPolicy, case: Case, decision: Decision) -> Iterator[Diagnostic]:
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
            if item.text == "otherwise":
                hint = f"write `{version.validated.policy.otherwise.id}`, its id"
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
        if whole := without_dashes(node):
            yield node.diagnostic("not-a-mapping", "`outputs` must be a mapping of names to values", whole)
            return
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
