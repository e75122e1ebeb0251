"""zen-engine: one compiled expression per policy, which is many times as fast as its decision tables."""

from __future__ import annotations

from collections.abc import Iterator

import zen

from benchmarks.peers.answers import BLOCKED, NO_ROW
from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import limits
from benchmarks.peers.handwritten import GRACE, KEEP_FOR, LEVELS
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Workload

_SELLER = "#.party == 'seller' and #.by == seller_id and #.counterparty == buyer_id"
_BUYER = "#.party == 'buyer' and #.by == buyer_id and #.counterparty == seller_id"
_THIS = "#.product_id == product_id"

_REVIEW_ELIGIBILITY = f"""
buyer_id == seller_id ? 'own-product' :
already_reviewed ? 'already-reviewed' :
some(confirmations, {_SELLER} and {_THIS}) and some(confirmations, {_BUYER} and {_THIS}) ? 'pair-complete' :
not some(confirmations, {_SELLER}) ? 'seller-must-confirm' :
not some(confirmations, {_BUYER}) ? 'buyer-must-confirm' :
'other-product'
"""

_RETENTION = f"""
legal_hold ? 'legal-hold' :
status == 'open' ? 'dispute-open' :
status == 'reopened' ? 'dispute-reopened' :
closed_at == null ? 'closing-time-unknown' :
now < closed_at + {KEEP_FOR} ? 'closed-recently' :
hold_released_at != null and now < hold_released_at + {GRACE} ? 'hold-just-lifted' :
'time-is-up'
"""


class Zen:
    name = "zen-engine"

    def build(self, workload: Workload) -> Built:
        text = _limits(workload) if workload.rows else _BY_NAME[workload.name]
        return asked(workload, zen.compile_expression(text).evaluate)


def _moderation() -> str:
    """For each signal, the code that `answers.signals` reads."""
    normal, dispute = ("".join(_codes(mode)) for mode in LEVELS)
    return f"mode == 'normal' ? map(signals, {normal}-1) : map(signals, {dispute}-1)"


def _codes(mode: str) -> Iterator[str]:
    for category, (position, flag, block) in LEVELS[mode].items():
        code = f"#.score >= {block!r} ? {position + BLOCKED} : #.score >= {flag!r} ? {position} : -1"
        yield f"#.category == '{category}' ? ({code}) : "


def _limits(workload: Workload) -> str:
    """By kind, then by region. A table passed as data is converted again for every decision."""
    kinds = (f"kind == '{kind}' ? ({_regions(regions)}) : " for kind, regions in limits(workload).items())
    return "".join(kinds) + str(NO_ROW)


def _regions(regions: dict[str, list[int]]) -> str:
    rows = (
        f"region == '{region}' ? (amount <= {limit} ? {position} : {-1 - position}) : "
        for region, (limit, position) in regions.items()
    )
    return "".join(rows) + str(NO_ROW)


_BY_NAME = {"review_eligibility": _REVIEW_ELIGIBILITY, "moderation": _moderation(), "retention": _RETENTION}

PEER = Zen()
