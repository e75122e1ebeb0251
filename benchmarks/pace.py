"""How much work is asked of a contender: the slowest are 5,000 times as slow as the fastest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 0.005
"""Seconds of one decision from where on a peer is left out: checking its answers alone would take minutes."""
PASS = 0.02
"""Seconds that one pass should take: more than it takes to warm the caches after another contender."""
FEWEST = 20
TRIALS = 5
ENOUGH = 0.001
"""Seconds of trials after which the cold caches of the first of them no longer count."""


def seconds_of(decide: Callable[..., object], inputs: Sequence[tuple[Any, ...]]) -> float:
    """CPU seconds of one decision, roughly; the first call is not counted, and fast ones are tried more often."""
    decide(*inputs[0])
    count = min(TRIALS, len(inputs))
    while True:
        begun = time.process_time()
        for args in inputs[:count]:
            decide(*args)
        taken = time.process_time() - begun
        if taken > ENOUGH or count == len(inputs):
            return taken / count
        count = min(10 * count, len(inputs))


def share(seconds: float, most: int) -> tuple[int, int]:
    """How many inputs a pass has, at so many seconds for each, and how often it goes through them."""
    if seconds * most > PASS:
        return min(most, max(FEWEST, round(PASS / seconds))), 1
    return most, max(1, round(PASS / (seconds * most)))
