"""rule-engine: one expression per policy, in its own language."""

from __future__ import annotations

from collections.abc import Iterator

from rule_engine import Rule

from benchmarks.peers.answers import BLOCKED, NO_ROW
from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import limits
from benchmarks.peers.handwritten import GRACE, KEEP_FOR, LEVELS
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Workload

_SELLER = 'c["party"] == "seller" and c["by"] == seller_id and c["counterparty"] == buyer_id'
_BUYER = 'c["party"] == "buyer" and c["by"] == buyer_id and c["counterparty"] == seller_id'
_THIS = 'c["product_id"] == product_id'


def _some(test: str) -> str:
    return f"$any([{test} for c in confirmations])"


_REVIEW_ELIGIBILITY = f"""
buyer_id == seller_id ? "own-product" : (
already_reviewed ? "already-reviewed" : (
{_some(f"{_SELLER} and {_THIS}")} and {_some(f"{_BUYER} and {_THIS}")} ? "pair-complete" : (
not {_some(_SELLER)} ? "seller-must-confirm" : (
not {_some(_BUYER)} ? "buyer-must-confirm" : "other-product"))))
"""

_RETENTION = f"""
legal_hold ? "legal-hold" : (
status == "open" ? "dispute-open" : (
status == "reopened" ? "dispute-reopened" : (
closed_at == null ? "closing-time-unknown" : (
now < closed_at + {KEEP_FOR} ? "closed-recently" : (
hold_released_at != null and now < hold_released_at + {GRACE} ? "hold-just-lifted" : "time-is-up")))))
"""


class RuleEngine:
    name = "rule-engine"

    def build(self, workload: Workload) -> Built:
        return asked(workload, Rule(_limits(workload) if workload.rows else _BY_NAME[workload.name]).evaluate)


def _moderation() -> str:
    """For each signal, the code that `answers.signals` reads."""
    normal, dispute = ("".join(_codes(mode)) + "-1" + ")" * len(LEVELS[mode]) for mode in LEVELS)
    return f'mode == "normal" ? [{normal} for s in signals] : [{dispute} for s in signals]'


def _codes(mode: str) -> Iterator[str]:
    for category, (position, flag, block) in LEVELS[mode].items():
        code = f's["score"] >= {block!r} ? {position + BLOCKED} : (s["score"] >= {flag!r} ? {position} : -1)'
        yield f'(s["category"] == "{category}" ? ({code}) : '


def _limits(workload: Workload) -> str:
    """The table is a mapping in the text; passed as data it is twice as slow."""
    kinds = (
        f'"{kind}": {{{", ".join(f"{chr(34)}{region}{chr(34)}: {row}" for region, row in regions.items())}}}'
        for kind, regions in limits(workload).items()
    )
    table = f"{{{', '.join(kinds)}}}"
    code = f"row == null ? {NO_ROW} : (amount <= row[0] ? row[1] : -1 - row[1])"
    return f"[({code}) for row in [{table}&[kind]&[region]]][0]"


_BY_NAME = {"review_eligibility": _REVIEW_ELIGIBILITY, "moderation": _moderation(), "retention": _RETENTION}

PEER = RuleEngine()
