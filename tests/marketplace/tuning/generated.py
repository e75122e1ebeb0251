"""Numbers of the profiles changed at random."""

from collections.abc import Sequence
from random import Random

from decisions.trial import Tunable


def make_settings(random: Random, tunables: Sequence[Tunable]) -> dict[str, float | int]:
    """One to five numbers of the policy changed, within their bounds."""
    chosen = random.sample(tunables, random.randint(1, 5))
    return {tunable.name: _value(random, tunable) for tunable in chosen}


def _value(random: Random, tunable: Tunable) -> float | int:
    if isinstance(tunable.value, int):
        return random.randint(int(tunable.minimum or 1), int(tunable.maximum or 9))
    low, high = tunable.minimum or 0.0, tunable.maximum or 1.0
    return min(high, max(low, round(random.uniform(low, high), 2))) if random.random() < 0.9 else high
