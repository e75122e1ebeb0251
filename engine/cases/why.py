"""Explain a failed case: the differences, and why the expected rule did not decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents.diagnostics import Diagnostic
from engine.cases.run import CaseResult, facts_of
from engine.cases.values import in_yaml
from engine.expression.quantity import from_datetime


def describe(result: CaseResult) -> list[str]:
    """Describe a failed case in lines, without mistakes in the case itself."""
    lines = [line for failure in result.failures for line in str(failure).splitlines()]
    return [*lines, *why(result)]


def why(result: CaseResult) -> list[str]:
    """Why a different rule decided than expected; empty if the rule is right or the facts are invalid."""
    version, decision = result.version, result.decision
    if version is None or decision is None or decision.errors:
        return []
    if all(f.key != "rule" for f in result.failures):
        return []
    facts, _ = version.facts_check.check(facts_of(result.case, version))
    now = from_datetime(result.case.at)
    assert now is not None
    rules = {rule["id"]: rule for rule in version.explanation_for(facts, now)["rules"]}
    expected = rules.get(result.case.expect.get("rule"))
    if expected is None:
        return [f"why: `{decision.rule}` decides"]
    if expected["applies"]:
        return [f"why: `{expected['id']}` applies too, but `{decision.rule}` decides"]
    return [f"why: `{expected['id']}` does not apply", *_stopped(expected.get("stopped_by"))]


def _stopped(part: dict[str, Any] | None) -> Iterator[str]:
    while part:
        inner = part.get("because")
        values = ", ".join(f"{name} = {in_yaml(value)}" for name, value in part["values"].items())
        state = "holds" if part["holds"] else "does not hold"
        yield f"   `{part['text']}` {state}{f' ({values})' if values and not inner else ''}"
        part = inner


def as_diagnostics(result: CaseResult) -> list[Diagnostic]:
    """The diagnostics of a failed case: its mistakes, and the differences at the place of the case."""
    if not result.failures:
        return list(result.problems)
    message = f"the case `{result.case.name}` fails: {'; '.join(map(_on_one_line, result.failures))}"
    return [
        *result.problems,
        result.case.node.diagnostic("case-failed", message, " ".join(why(result)) or None),
    ]


def _on_one_line(failure: object) -> str:
    return " ".join(str(failure).split())
