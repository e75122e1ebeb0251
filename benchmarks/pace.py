"""Chooses how much work each contender gets: the slowest are 5,000 times as slow as the fastest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 0.005
"""An engine that needs more seconds per decision is left out: checking its answers alone would take minutes."""
PASS = 0.02
"""Target seconds per pass: long enough to warm the caches after another contender."""
FEWEST = 20
TRIALS = 5
ENOUGH = 0.001
"""Seconds of trials after which cold caches no longer matter."""


def seconds_of(decide: Callable[..., object], inputs: Sequence[tuple[Any, ...]]) -> float:
    """Approximate CPU seconds of one decision. The first call is not counted, and fast engines are tried more often."""
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
    """The number of inputs in a pass and how often to repeat them, given the seconds per input."""
    if seconds * most > PASS:
        return min(most, max(FEWEST, round(PASS / seconds))), 1
    return most, max(1, round(PASS / (seconds * most)))
