"""Show a decision to the party concerned: the truth of named conditions, and only values that the policy shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.decision import Decision
from engine.explain.change import NOW, fact_at
from engine.expression.values import show
from engine.policy.model import Policy


def party_view(decision: Decision, policy: Policy, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a buyer or seller may see of a decision with its explanation. `facts` are checked facts."""
    explanation = decision.explanation or {}
    shown = {
        name: show(facts.get(name), fact.type) for name, fact in policy.facts.items() if fact.show and facts
    }
    view = {
        "outcome": decision.outcome,
        "rule": decision.rule,
        "reason": decision.reason,
        "message": decision.message,
        "conditions": {c["name"]: c["holds"] for c in explanation.get("conditions", [])},
        "values": shown,
    }
    if decision.counterfactuals is not None:
        flips = decision.counterfactuals["found"]
        view["would_change"] = [f["text"] for f in flips if all(_may_see(c, policy) for c in f["changes"])]
        view["complete"] = decision.counterfactuals["complete"]
    return view


def _may_see(change: Mapping[str, Any], policy: Policy) -> bool:
    """Waiting is never secret. A list change is described by its condition; any other change is shown only if its fact is."""
    return change["fact"] == NOW or change["named"] or policy.facts[fact_at(change["fact"])].show
