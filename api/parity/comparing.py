"""Replays the same requests in the same order against both surfaces, each in a fresh database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.parity.asking import Ask, Seen
from api.parity.world import fresh_world

BASES: Final = {"drf": "/assistant", "ninja": "/assistant/ninja"}
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Compared:
    """`differences` are sentences for people; `statuses` counts requests by status."""

    requests: int
    statuses: dict[int, int]
    differences: list[str]


def compare(asks: Sequence[Ask]) -> Compared:
    """Deletes everything in the database."""
    (drf, left_by_drf), (ninja, left_by_ninja) = (_replay(asks, base) for base in BASES.values())
    differences = [
        f"{number}. {ask.who} {ask.method} {ask.path}: {difference}"
        for number, (ask, one, other) in enumerate(zip(asks, drf, ninja, strict=True), 1)
        for difference in one.differences(other)
    ]
    if left_by_drf != left_by_ninja:
        differences.append("the stored data differs afterwards")
    statuses: dict[int, int] = {}
    for seen in drf:
        statuses[seen.status] = statuses.get(seen.status, 0) + 1
    return Compared(len(asks), dict(sorted(statuses.items())), differences)


def _replay(asks: Sequence[Ask], base: str) -> tuple[list[Seen], list[Any]]:
    with fresh_world() as world:
        seen = [world.send(ask, base) for ask in asks]
        return seen, world.left()
