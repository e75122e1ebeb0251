"""The same rules as a Python programmer would write them for speed: the base of all comparisons."""

from __future__ import annotations

from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Answer, Facts, Workload

DAY = 86_400_000_000
KEEP_FOR, GRACE = 90 * DAY, 7 * DAY

LEVELS = {
    "normal": {
        "threat": (0, 0.20, 0.50),
        "abuse": (1, 0.30, 0.50),
        "hate": (2, 0.30, 0.50),
        "sexual": (3, 0.40, 0.80),
        "insult": (4, 0.40, 0.80),
        "profanity": (5, 0.50, 0.80),
    },
    "dispute": {
        "threat": (6, 0.20, 0.50),
        "abuse": (7, 0.30, 0.50),
        "hate": (8, 0.30, 0.50),
        "sexual": (9, 0.60, 0.90),
        "insult": (10, 0.85, 0.95),
        "profanity": (11, 0.90, 0.98),
    },
}
"""Each row's position in the table, flag level and block level."""
NAMES = [f"{mode}/{category}" for mode, categories in LEVELS.items() for category in categories]


class Handwritten:
    name = "hand-written"

    def build(self, workload: Workload) -> Built:
        if workload.rows:
            return Built(_Limits(workload).decide)
        return _BY_NAME[workload.name]


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
        return "deny", ("own-product",)
    if facts["already_reviewed"]:
        return "deny", ("already-reviewed",)
    if this_by_seller and this_by_buyer:
        return "allow", ("pair-complete",)
    if not by_seller:
        return "deny", ("seller-must-confirm",)
    if not by_buyer:
        return "deny", ("buyer-must-confirm",)
    return "deny", ("other-product",)


def moderation(facts: Facts, now: int) -> tuple[str, list[int], list[int]]:
    """The outcome, and the positions of all blocking and all flagging rows."""
    levels = LEVELS[facts["mode"]]
    blocked, flagged = [], []
    for signal in facts["signals"]:
        position, flag, block = levels[signal["category"]]
        score = signal["score"]
        if score >= flag:
            flagged.append(position)
            if score >= block:
                blocked.append(position)
    if not flagged:
        return "allow", blocked, flagged
    if len(flagged) > 1:
        flagged = sorted(set(flagged))
        if len(blocked) > 1:
            blocked = sorted(set(blocked))
    return "block" if blocked else "flag", blocked, flagged


def moderation_answer(raw: tuple[str, list[int], list[int]]) -> Answer:
    outcome, blocked, flagged = raw
    rules = [
        f"{level}[{NAMES[int(p)]}]"
        for level, positions in (("blocked", blocked), ("flagged", flagged))
        for p in positions
    ]
    return outcome, tuple(rules) or ("nothing-found",)


def retention(facts: Facts, now: int) -> Answer:
    if facts["legal_hold"]:
        return "keep", ("legal-hold",)
    status, closed_at = facts["status"], facts["closed_at"]
    if status == "open":
        return "keep", ("dispute-open",)
    if status == "reopened":
        return "keep", ("dispute-reopened",)
    if closed_at is None:
        return "keep", ("closing-time-unknown",)
    if now < closed_at + KEEP_FOR:
        return "keep", ("closed-recently",)
    released_at = facts["hold_released_at"]
    if released_at is not None and now < released_at + GRACE:
        return "keep", ("hold-just-lifted",)
    return "delete", ("time-is-up",)


class _Limits:
    """A dictionary, since nobody would hand-write a search through 10,000 rows."""

    def __init__(self, workload: Workload) -> None:
        self.limits = {
            (kind, region): (
                limit,
                ("allow", (f"within[{kind}/{region}]",)),
                ("review", (f"over[{kind}/{region}]",)),
            )
            for kind, region, limit in workload.table
        }

    def decide(self, facts: Facts, now: int) -> Answer:
        row = self.limits.get((facts["kind"], facts["region"]))
        if row is None:
            return "deny", ("unknown-kind",)
        limit, within, over = row
        return within if facts["amount"] <= limit else over


_BY_NAME = {
    "review_eligibility": Built(review_eligibility),
    "moderation": Built(moderation, moderation_answer),
    "retention": Built(retention),
}
