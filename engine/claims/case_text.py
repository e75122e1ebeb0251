"""Write inputs as case files that `comity test` runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.cases.values import in_yaml
from engine.decision import Decision
from engine.expression.values import to_json


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """A case, with facts and parameters as JSON. The expected decision is the one that the engine made."""

    name: str
    facts: Mapping[str, Any]
    decision: Decision
    parameters: Mapping[str, Any] = field(default_factory=dict)


def case_file(policy: str, cases: Iterable[WrittenCase], comment: str, tag: str | None = None) -> str:
    """A case file. `comment` says where the cases come from; all of them have the tag."""
    written = list(cases)
    at = written[0].decision.evaluated_at
    lines = [f"# {comment}", f"policy: {policy}", f"at: {to_json(at)}"]
    lines += [f"tags: [{tag}]"] if tag else []
    lines.append("cases:")
    for case in written:
        lines.append(f"  - name: {in_yaml(case.name)}")
        if case.decision.evaluated_at != at:
            lines.append(f"    at: {to_json(case.decision.evaluated_at)}")
        if case.parameters:
            lines.append(f"    with: {in_yaml(dict(case.parameters))}")
        lines.append(f"    facts: {in_yaml(dict(case.facts))}" if case.facts else "    facts: {}")
        lines.append(f"    expect: {in_yaml(expectation(case.decision))}")
    return "\n".join(lines) + "\n"


def expectation(decision: Decision) -> dict[str, Any]:
    """What a case expects of this decision."""
    shown = decision.to_dict()
    expected: dict[str, Any] = {
        "outcome": decision.outcome,
        "rule": decision.rule,
        "obligations": list(decision.obligations),
    }
    expected["matched"] = list(decision.matched)
    if decision.status is not None:
        expected["status"] = decision.status
    if decision.outputs:
        expected["outputs"] = shown["outputs"]
    return expected
