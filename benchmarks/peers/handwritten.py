"""The same rules as a Python programmer would write them for speed: what everything else is compared with."""

from __future__ import annotations

from benchmarks.peers.peer import Built
from benchmarks.workloads import table
from benchmarks.workloads.workload import Answer, Facts, Workload

DAY = 86_400_000_000
KEEP_FOR, GRACE = 90 * DAY, 7 * DAY

THRESHOLDS = {
    "normal": {
        "threat": (0, 0.20, 0.50),
        "abuse": (1, 0.30, 0.50),
        "hate": (2, 0.30, 0.50),
        "sexual": (3, 0.40, 0.80),
        "insult": (4, 0.40, 0.80),
        "profanity": (5, 0.50, 0.80),
    },
    "dispute": {
        "threat": (0, 0.20, 0.50),
        "abuse": (1, 0.30, 0.50),
        "hate": (2, 0.30, 0.50),
        "sexual": (3, 0.60, 0.90),
        "insult": (4, 0.85, 0.95),
        "profanity": (5, 0.90, 0.98),
    },
}
"""Position, flag and block of each category."""


class Handwritten:
    name = "hand-written"

    def build(self, workload: Workload) -> Built:
        if workload.rows:
            return Built(_Limits(workload.rows).decide)
        return Built(_BY_NAME[workload.name])


def review_eligibility(facts: Facts, now: int) -> Answer:
    buyer, seller, product = facts["buyer_id"], facts["seller_id"], facts["product_id"]
    by_seller = by_buyer = this_by_seller = this_by_buyer = False
    for c in facts["confirmations"]:
        if c["party"] == "seller":
            if c["by"] == seller and c["counterparty"] == buyer:
                by_seller = True
                this_by_seller = this_by_seller or c["product_id"] == product
        elif c["by"] == buyer and c["counterparty"] == seller:
            by_buyer = True
            this_by_buyer = this_by_buyer or c["product_id"] == product
    if buyer == seller:
        return "deny", "own-product"
    if facts["already_reviewed"]:
        return "deny", "already-reviewed"
    if this_by_seller and this_by_buyer:
        return "allow", "pair-complete"
    if not by_seller:
        return "deny", "seller-must-confirm"
    if not by_buyer:
        return "deny", "buyer-must-confirm"
    return "deny", "other-product"


def moderation(facts: Facts, now: int) -> Answer:
    mode = facts["mode"]
    thresholds = THRESHOLDS[mode]
    blocked = flagged = 99
    block_name = flag_name = ""
    for signal in facts["signals"]:
        category, score = signal["category"], signal["score"]
        position, flag, block = thresholds[category]
        if score >= block and position < blocked:
            blocked, block_name = position, category
        if score >= flag and position < flagged:
            flagged, flag_name = position, category
    if block_name:
        return "block", f"blocked[{mode}/{block_name}]"
    if flag_name:
        return "flag", f"flagged[{mode}/{flag_name}]"
    return "allow", "nothing-found"


def retention(facts: Facts, now: int) -> Answer:
    if facts["legal_hold"]:
        return "keep", "legal-hold"
    status, closed_at = facts["status"], facts["closed_at"]
    if status == "open":
        return "keep", "dispute-open"
    if status == "reopened":
        return "keep", "dispute-reopened"
    if closed_at is None:
        return "keep", "closing-time-unknown"
    if now < closed_at + KEEP_FOR:
        return "keep", "closed-recently"
    released_at = facts["hold_released_at"]
    if released_at is not None and now < released_at + GRACE:
        return "keep", "hold-just-lifted"
    return "delete", "time-is-up"


class _Limits:
    """A dictionary, since nobody would walk through 10,000 rows by hand."""

    def __init__(self, size: int) -> None:
        self.limits = {
            (kind, region): (
                limit,
                ("allow", f"within[{kind}/{region}]"),
                ("review", f"over[{kind}/{region}]"),
            )
            for kind, region, limit in table.rows(size)
        }

    def decide(self, facts: Facts, now: int) -> Answer:
        found = self.limits.get((facts["kind"], facts["region"]))
        if found is None:
            return "deny", "unknown-kind"
        limit, within, over = found
        return within if facts["amount"] <= limit else over


_BY_NAME = {
    "review_eligibility": review_eligibility,
    "moderation": moderation,
    "retention": retention,
}
