"""Explain a decision: the result of each rule and named condition, and the values that led to it."""

from __future__ import annotations

from typing import Any

from engine.compiled import CompiledPolicy
from engine.decision import Decision


def explain(
    version: CompiledPolicy, facts: dict[str, Any] | None, now: int, decision: Decision
) -> dict[str, Any]:
    """The explanation as data: rules in order with `applies` and `stopped_by`, conditions with `holds`, and the values.

    `facts` are checked facts, or None if they were invalid; then the decision's errors are the whole explanation.
    """
    if facts is None:
        return {"errors": [error._asdict() for error in decision.errors], "rules": [], "conditions": []}
    return version.explanation_for(facts, now)
