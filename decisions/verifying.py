"""Verifies the log: the chain of the stored records, the signatures of its heads, and that it reaches a head kept outside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from decisions.chain import Position, follow
from decisions.models import DecisionRecord, LogCheckpoint, LogHead
from decisions.signing import is_signed, key_name, statement_of

HEADS: Final = 500
MOST_PROBLEMS: Final = 100


@dataclass(slots=True)
class Verified:
    """`open` counts the records after the last head. `unprotected` counts those after the head kept outside: whoever can change
    the database and has the key could cut them off unnoticed."""

    count: int = 0
    pruned: int = 0
    head: LogHead | None = None
    open: int = 0
    unprotected: int = 0
    signed: bool = True
    problems: list[str] = field(default_factory=list)


def verify_log(
    *,
    key: Ed25519PublicKey | None,
    outside: Mapping[str, Any] | None = None,
    step: Callable[[int], None] = lambda count: None,
) -> Verified:
    """`step` is told how many records were read since the last call. Memory does not grow with the log."""
    verified = Verified(signed=key is not None)
    number, position = _start(verified, key)
    meets = outside is None
    for head in _heads(number):
        number += 1
        if head.number != number:
            verified.problems.append(f"head {number} is missing")
            number = head.number
        meets |= outside is not None and _is_kept(head, outside)
        _check_signature(verified, f"head {head.number}", head, key)
        position = _check_records(verified, head, position, step)
        verified.head = head
        if len(verified.problems) >= MOST_PROBLEMS:
            break
    verified.count = position.count
    if outside is not None:
        _check_outside(verified, outside, key, meets)
    _count_open(verified, position, outside)
    return verified


def _start(verified: Verified, key: Ed25519PublicKey | None) -> tuple[int, Position]:
    """After the last checkpoint, whose records may have been pruned."""
    checkpoint = LogCheckpoint.objects.order_by("-number").first()
    if checkpoint is None:
        return 0, Position()
    _check_signature(verified, f"the checkpoint at head {checkpoint.number}", checkpoint, key)
    verified.pruned = checkpoint.count
    return checkpoint.number, Position(checkpoint.upto, checkpoint.count, checkpoint.link)


def _heads(after: int) -> Iterator[LogHead]:
    while True:
        page = list(LogHead.objects.filter(number__gt=after).order_by("number")[:HEADS])
        yield from page
        if len(page) < HEADS:
            return
        after = page[-1].number


def _check_signature(
    verified: Verified, name: str, head: LogHead | LogCheckpoint, key: Ed25519PublicKey | None
) -> None:
    if key is None:
        return
    if not head.signature:
        verified.problems.append(f"{name} is not signed")
    elif head.key != key_name(key) or not is_signed(statement_of(head), head.signature, key):
        verified.problems.append(f"{name} is not signed with this key")


def _check_records(
    verified: Verified, head: LogHead, position: Position, step: Callable[[int], None]
) -> Position:
    first = position.upto + 1
    last = follow(position, head.upto, step=step)
    if (last.upto, last.count, last.link) != (head.upto, head.count, head.link):
        verified.problems.append(
            f"records {first} to {head.upto} are not those that head {head.number} sealed"
        )
    # From what the head says, so that a later problem is found as well.
    return Position(head.upto, head.count, head.link)


def _is_kept(head: LogHead, outside: Mapping[str, Any]) -> bool:
    return (head.number, head.upto, head.count, head.link) == tuple(
        outside[name] for name in ("number", "upto", "count", "link")
    )


def _check_outside(
    verified: Verified, outside: Mapping[str, Any], key: Ed25519PublicKey | None, meets: bool
) -> None:
    said = {name: value for name, value in outside.items() if name != "signature"}
    if key is not None and not is_signed(said, str(outside["signature"]), key):
        verified.problems.append("the head kept outside is not signed with this key")
    if meets:
        return
    checkpoint = LogCheckpoint.objects.order_by("-number").first()
    pruned = checkpoint is not None and (
        outside["number"] < checkpoint.number
        or (outside["number"], outside["link"]) == (checkpoint.number, checkpoint.link)
    )
    if pruned:
        return
    last = verified.head.number if verified.head else 0
    if outside["number"] > last:
        verified.problems.append(
            f"the log ends at head {last}, before head {outside['number']}, which was kept outside"
        )
    else:
        verified.problems.append(f"head {outside['number']} is not the one that was kept outside")


def _count_open(verified: Verified, position: Position, outside: Mapping[str, Any] | None) -> None:
    verified.open = DecisionRecord.objects.filter(pk__gt=position.upto).count()
    verified.unprotected = DecisionRecord.objects.filter(
        pk__gt=outside["upto"] if outside else Position().upto
    ).count()
