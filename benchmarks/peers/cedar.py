"""cedarpy: every rule is a Cedar policy, parsed once. Cedar returns all matching ones; the first in document order decides.

Three features that Cedar lacks are prepared for each decision: confirmations without their product, since it cannot quantify
over records; the worst score per category; and scores as whole ten-thousandths, since it has no fractions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cedarpy import AuthzResult, Entities, PolicySet, is_authorized

from benchmarks.peers.answers import BLOCKED, NO_ROW, Matched, in_order, reader
from benchmarks.peers.handwritten import GRACE, KEEP_FOR, LEVELS
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Facts, Workload

_REQUEST = {"principal": 'Asker::"a"', "action": 'Action::"ask"', "resource": 'Thing::"t"'}


def _confirmation(party: str, by: str, counterparty: str, product: str = "") -> str:
    return f'{{party: "{party}", by: context.{by}, counterparty: context.{counterparty}{product}}}'


_SELLER = ("seller", "seller_id", "buyer_id")
_BUYER = ("buyer", "buyer_id", "seller_id")
_THIS = ", product_id: context.product_id"

_REVIEW_ELIGIBILITY = {
    "own-product": "forbid (principal, action, resource) when { context.buyer_id == context.seller_id };",
    "already-reviewed": "forbid (principal, action, resource) when { context.already_reviewed };",
    "pair-complete": f"""permit (principal, action, resource) when {{
        context.confirmations.contains({_confirmation(*_SELLER, _THIS)})
        && context.confirmations.contains({_confirmation(*_BUYER, _THIS)}) }};""",
    "seller-must-confirm": f"""forbid (principal, action, resource) unless {{
        context.pairs.contains({_confirmation(*_SELLER)}) }};""",
    "buyer-must-confirm": f"""forbid (principal, action, resource) unless {{
        context.pairs.contains({_confirmation(*_BUYER)}) }};""",
}

_RETENTION = {
    "legal-hold": "forbid (principal, action, resource) when { context.legal_hold };",
    "dispute-open": 'forbid (principal, action, resource) when { context.status == "open" };',
    "dispute-reopened": 'forbid (principal, action, resource) when { context.status == "reopened" };',
    "closing-time-unknown": "forbid (principal, action, resource) unless { context has closed_at };",
    "closed-recently": f"""forbid (principal, action, resource) when {{
        context has closed_at && context.now < context.closed_at + {KEEP_FOR} }};""",
    "hold-just-lifted": f"""forbid (principal, action, resource) when {{
        context has hold_released_at && context.now < context.hold_released_at + {GRACE} }};""",
    "time-is-up": "permit (principal, action, resource);",
}

_TABLE = """
permit (principal, action, resource) when { resource has limit && context.amount <= resource.limit };
forbid (principal, action, resource) when { resource has limit && context.amount > resource.limit };
"""


class Cedar:
    name = "cedarpy"

    def build(self, workload: Workload) -> Built:
        read = reader(workload)
        if workload.rows:
            return _limits(workload)
        if workload.name == "moderation":
            return Built(_moderation(), read)
        rules = _RETENTION if workload.name == "retention" else _REVIEW_ELIGIBILITY
        prepare = _without_nulls if workload.name == "retention" else _with_pairs
        return Built(_first(rules, prepare), read)


def _first(rules: dict[str, str], prepare: Callable[[Facts, int], Facts]) -> Callable[[Facts, int], str]:
    policies, names = PolicySet.from_str("\n".join(rules.values())), list(rules)
    none = Entities.from_json_str("[]")

    def decide(facts: Facts, now: int) -> str:
        result = is_authorized({**_REQUEST, "context": prepare(facts, now)}, policies, none)
        applied = _applied(result)
        return names[min(applied)] if applied else "other-product"

    return decide


def _applied(result: AuthzResult) -> list[int]:
    """The numbers of the policies that decided: Cedar calls them policy0, policy1 and so on."""
    return [int(name.removeprefix("policy")) for name in result.diagnostics.reasons]


def _with_pairs(facts: Facts, now: int) -> Facts:
    pairs = [
        {"party": c["party"], "by": c["by"], "counterparty": c["counterparty"]}
        for c in facts["confirmations"]
    ]
    return {**facts, "pairs": pairs}


def _without_nulls(facts: Facts, now: int) -> Facts:
    return {**{name: value for name, value in facts.items() if value is not None}, "now": now}


def _moderation() -> Callable[[Facts, int], Matched]:
    codes, texts = [], []
    for mode, categories in LEVELS.items():
        for category, (position, *levels) in categories.items():
            for level, code in zip(levels, (position, position + BLOCKED), strict=True):
                codes.append(code)
                texts.append(
                    f'permit (principal, action, resource) when {{ context.mode == "{mode}"'
                    f" && context.scores has {category} && context.scores.{category} >= {round(level * 10_000)} }};"
                )
    policies, none = PolicySet.from_str("\n".join(texts)), Entities.from_json_str("[]")

    def decide(facts: Facts, now: int) -> Matched:
        scores: dict[str, int] = {}
        for signal in facts["signals"]:
            score = int(signal["score"] * 10_000)
            category = signal["category"]
            if score > scores.get(category, -1):
                scores[category] = score
        context = {"mode": facts["mode"], "scores": scores}
        result = is_authorized({**_REQUEST, "context": context}, policies, none)
        return in_order(codes[number] for number in _applied(result))

    return decide


def _limits(workload: Workload) -> Built:
    """Every row is an entity, and the request refers to one."""
    positions = {f"{kind}/{region}": p for p, (kind, region, _) in enumerate(workload.table)}
    rows = [
        {"uid": {"type": "Row", "id": f"{kind}/{region}"}, "attrs": {"limit": limit}, "parents": []}
        for kind, region, limit in workload.table
    ]
    policies, entities = PolicySet.from_str(_TABLE), Entities.from_json_str(json.dumps(rows))
    read = reader(workload)

    def decide(facts: Facts, now: int) -> tuple[str, list[int]]:
        name = f"{facts['kind']}/{facts['region']}"
        request = {**_REQUEST, "resource": f'Row::"{name}"', "context": {"amount": facts["amount"]}}
        return name, _applied(is_authorized(request, policies, entities))

    def answer(raw: tuple[str, list[int]]) -> Any:
        name, applied = raw
        if not applied:
            return read(NO_ROW)
        position = positions[name]
        return read(position if applied == [0] else -1 - position)

    return Built(decide, answer)


PEER = Cedar()
