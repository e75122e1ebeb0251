"""Why, and why not: the rules and named conditions of one decision, with what each came to and the values that did it."""

from __future__ import annotations

from typing import Any

from engine.compiled import CompiledPolicy
from engine.decision import Decision


def explain(
    version: CompiledPolicy, facts: dict[str, Any] | None, now: int, decision: Decision
) -> dict[str, Any]:
    """The explanation as data: rules in their order with `applies` and `stopped_by`, conditions with `holds`, values.

    `facts` are checked facts, or None where they did not fit: then the errors of the decision are all there is to say.
    """
    if facts is None:
        return {"errors": [error._asdict() for error in decision.errors], "rules": [], "conditions": []}
    return version.explanation_for(facts, now)
