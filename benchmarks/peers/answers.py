"""The answer every engine must give, as small codes: a rule's name, the hits of a message, or a row's position."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.peers.handwritten import moderation_answer
from benchmarks.workloads.workload import Answer, Workload

BLOCKED = 100
"""Added to the position of a row whose block level a signal reaches."""
NO_ROW = -1_000_000

Matched = tuple[str, list[int], list[int]]
"""The outcome, and the positions of all blocking and all flagging rows."""

_PERMITTED = {"pair-complete": "allow", "time-is-up": "delete"}
_REFUSED = {"review_eligibility": "deny", "retention": "keep"}


def reader(workload: Workload) -> Callable[[Any], Answer]:
    """Decodes what a decision returned; not timed."""
    if workload.rows:
        return lambda code: _row(workload, int(code))
    if workload.name == "moderation":
        return moderation_answer
    refused = _REFUSED[workload.name]
    return lambda rule: (_PERMITTED.get(rule, refused), (rule,))


def in_order(codes: Iterable[Any]) -> Matched:
    """The rows that applied, without duplicates, in document order. Timed, since Comity and the hand-written code do this too.

    A signal's code is -1 if nothing applies, the row's position if it is flagged, and `BLOCKED` more if it is blocked. Whatever
    is blocked is flagged too, since no row blocks below its flag level.
    """
    blocked: list[int] = []
    flagged: list[int] = []
    for code in codes:
        if code >= BLOCKED:
            blocked.append(code - BLOCKED)
            flagged.append(code - BLOCKED)
        elif code >= 0:
            flagged.append(code)
    if not flagged:
        return "allow", blocked, flagged
    if len(flagged) > 1:
        flagged = sorted(set(flagged))
        if len(blocked) > 1:
            blocked = sorted(set(blocked))
    return "block" if blocked else "flag", blocked, flagged


def _row(workload: Workload, code: int) -> Answer:
    """The position of the row if the amount is within its limit, or -1 minus the position if it is above."""
    if code == NO_ROW:
        return "deny", ("unknown-kind",)
    kind, region, _ = workload.table[code if code >= 0 else -1 - code]
    name = f"{kind}/{region}"
    return ("allow", (f"within[{name}]",)) if code >= 0 else ("review", (f"over[{name}]",))
