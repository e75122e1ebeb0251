"""datalogic-py: JSONLogic in Rust, one compiled rule per policy, in a session that reuses memory."""

from __future__ import annotations

from functools import partial
from typing import Any

from datalogic_py import Engine

from benchmarks.peers.answers import NO_ROW
from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import limits
from benchmarks.peers.handwritten import GRACE, KEEP_FOR, LEVELS, NAMES, moderation_answer
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Answer, Workload

Rule = Any


class Datalogic:
    name = "datalogic-py"

    def build(self, workload: Workload) -> Built:
        engine = Engine()
        rule = engine.compile_checked(_limits(workload) if workload.rows else _BY_NAME[workload.name])
        evaluate = partial(engine.session().evaluate, rule)
        if workload.name != "moderation":
            return asked(workload, evaluate)
        return Built(lambda facts, now: evaluate(facts), _hits)


def _var(name: str) -> Rule:
    return {"val": name}


def _outer(name: str) -> Rule:
    """A fact, accessed from inside a loop."""
    return {"val": [[2], name]}


def _confirmed(party: str, by: str, counterparty: str, *, this_product: bool) -> Rule:
    tests = [
        {"===": [_var("party"), party]},
        {"===": [_var("by"), _outer(by)]},
        {"===": [_var("counterparty"), _outer(counterparty)]},
    ]
    if this_product:
        tests.append({"===": [_var("product_id"), _outer("product_id")]})
    return {"some": [_var("confirmations"), {"and": tests}]}


def _review_eligibility() -> Rule:
    sides = (("seller", "seller_id", "buyer_id"), ("buyer", "buyer_id", "seller_id"))
    this = [_confirmed(*side, this_product=True) for side in sides]
    by_seller, by_buyer = (_confirmed(*side, this_product=False) for side in sides)
    return {
        "if": [
            {"===": [_var("buyer_id"), _var("seller_id")]}, "own-product",
            _var("already_reviewed"), "already-reviewed",
            {"and": this}, "pair-complete",
            {"!": by_seller}, "seller-must-confirm",
            {"!": by_buyer}, "buyer-must-confirm",
            "other-product",
        ]
    }  # fmt: skip


def _moderation() -> Rule:
    """All matches in order, without duplicates. Sorting inside the rule is slightly faster than `answers.in_order`."""
    normal, dispute = ({"sort": [{"distinct": [_level(mode)]}]} for mode in LEVELS)
    return {"if": [{"===": [_var("mode"), "normal"]}, normal, dispute]}


def _level(mode: str) -> Rule:
    """The row's position if a signal is blocked, or `len(NAMES)` more if it is flagged."""
    score = {"val": ["current", "score"]}
    cases = [
        [
            category,
            {
                "if": [
                    {">=": [score, block]},
                    [p, p + len(NAMES)],
                    {">=": [score, flag]},
                    [p + len(NAMES)],
                    [],
                ]
            },
        ]
        for category, (p, flag, block) in LEVELS[mode].items()
    ]
    position = {"switch": [{"val": ["current", "category"]}, cases, []]}
    return {"reduce": [_var("signals"), {"merge": [_var("accumulator"), position]}, []]}


def _hits(positions: list[int]) -> Answer:
    blocked = [p for p in positions if p < len(NAMES)]
    flagged = [p - len(NAMES) for p in positions if p >= len(NAMES)]
    return moderation_answer(("block" if blocked else "flag" if flagged else "allow", blocked, flagged))


def _retention() -> Rule:
    def until(fact: str, after: int) -> Rule:
        return {"<": [_var("now"), {"+": [_var(fact), after]}]}

    return {
        "if": [
            _var("legal_hold"), "legal-hold",
            {"===": [_var("status"), "open"]}, "dispute-open",
            {"===": [_var("status"), "reopened"]}, "dispute-reopened",
            {"===": [_var("closed_at"), None]}, "closing-time-unknown",
            until("closed_at", KEEP_FOR), "closed-recently",
            {"and": [{"!==": [_var("hold_released_at"), None]}, until("hold_released_at", GRACE)]}, "hold-just-lifted",
            "time-is-up",
        ]
    }  # fmt: skip


def _limits(workload: Workload) -> Rule:
    """By kind, then by region: several times faster than one switch over both."""
    kinds = [
        [
            kind,
            {"switch": [_var("region"), [[region, _row(*row)] for region, row in regions.items()], NO_ROW]},
        ]
        for kind, regions in limits(workload).items()
    ]
    return {"switch": [_var("kind"), kinds, NO_ROW]}


def _row(limit: int, position: int) -> Rule:
    return {"if": [{"<=": [_var("amount"), limit]}, position, -1 - position]}


_BY_NAME = {
    "review_eligibility": _review_eligibility(),
    "moderation": _moderation(),
    "retention": _retention(),
}

PEER = Datalogic()
