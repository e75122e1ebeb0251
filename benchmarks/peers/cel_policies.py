"""The policies as CEL expressions, the same text for every implementation of CEL."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.peers.answers import BLOCKED, NO_ROW
from benchmarks.peers.handwritten import GRACE, KEEP_FOR, LEVELS
from benchmarks.workloads.workload import Workload

_REVIEW_ELIGIBILITY = """
buyer_id == seller_id ? "own-product" :
already_reviewed ? "already-reviewed" :
confirmations.exists(c, c.party == "seller" && c.by == seller_id && c.counterparty == buyer_id && c.product_id == product_id)
  && confirmations.exists(c, c.party == "buyer" && c.by == buyer_id && c.counterparty == seller_id && c.product_id == product_id)
  ? "pair-complete" :
!confirmations.exists(c, c.party == "seller" && c.by == seller_id && c.counterparty == buyer_id) ? "seller-must-confirm" :
!confirmations.exists(c, c.party == "buyer" && c.by == buyer_id && c.counterparty == seller_id) ? "buyer-must-confirm" :
"other-product"
"""

_RETENTION = f"""
legal_hold ? "legal-hold" :
status == "open" ? "dispute-open" :
status == "reopened" ? "dispute-reopened" :
type(closed_at) != int ? "closing-time-unknown" :
now < closed_at + {KEEP_FOR} ? "closed-recently" :
type(hold_released_at) == int && now < hold_released_at + {GRACE} ? "hold-just-lifted" :
"time-is-up"
"""

_TABLE = f"""
kind in limits && region in limits[kind]
  ? (amount <= limits[kind][region][0] ? limits[kind][region][1] : -1 - limits[kind][region][1])
  : {NO_ROW}
"""


def expression(workload: Workload) -> str:
    return _TABLE if workload.rows else _BY_NAME[workload.name]


def limits(workload: Workload) -> dict[str, dict[str, list[int]]]:
    """The table as data: kind, region, and then limit and position."""
    table: dict[str, dict[str, list[int]]] = {}
    for position, (kind, region, limit) in enumerate(workload.table):
        table.setdefault(kind, {})[region] = [limit, position]
    return table


def _moderation() -> str:
    """For each signal the code that `answers.signals` reads, by comparing it with the levels of its mode."""
    normal, dispute = ("".join(_levels(mode)) for mode in LEVELS)
    return f'mode == "normal" ? signals.map(s, {normal}-1) : signals.map(s, {dispute}-1)'


def _levels(mode: str) -> Iterator[str]:
    for category, (position, flag, block) in LEVELS[mode].items():
        codes = f"s.score >= {block!r} ? {position + BLOCKED} : s.score >= {flag!r} ? {position} : -1"
        yield f's.category == "{category}" ? ({codes}) : '


_BY_NAME = {
    "review_eligibility": _REVIEW_ELIGIBILITY,
    "moderation": _moderation(),
    "retention": _RETENTION,
}
