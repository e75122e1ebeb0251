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


def seconds_of(decide: Callable[..., object], inputs: Sequence[tuple[Any, ...]]) -> float:
    """CPU seconds of one decision, roughly; the first call is not counted."""
    decide(*inputs[0])
    begun = time.process_time()
    for args in inputs[:TRIALS]:
        decide(*args)
    return (time.process_time() - begun) / min(TRIALS, len(inputs))


def share(seconds: float, most: int) -> tuple[int, int]:
    """How many inputs a pass has, at so many seconds for each, and how often it goes through them."""
    if seconds * most > PASS:
        return min(most, max(FEWEST, round(PASS / seconds))), 1
    return most, max(1, round(PASS / (seconds * most)))
