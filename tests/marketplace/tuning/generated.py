"""Labelled sets made at random: most texts harmless, scores of the labelled ones higher, some texts with several signals."""

from random import Random
from typing import Any, get_args

from detectors.signal import CATEGORIES, Category, Language, Signal
from marketplace.tuning.samples import Sample, to_hundredths

DETECTORS = ("lexicon", "clause_rules", "classifier")


def make_samples(texts: int, *, seed: int = 1) -> list[Sample]:
    random = Random(seed)
    return [_make_sample(random, number) for number in range(1, texts + 1)]


def _make_sample(random: Random, number: int) -> Sample:
    label = random.choice(CATEGORIES) if random.random() < 0.3 else None
    found = [c for c in CATEGORIES if random.random() < (0.85 if c == label else 0.06)]
    signals = [
        _make_signal(random, category, category == label)
        for category in found
        for _ in range(random.choice([1, 1, 2]))
    ]
    return Sample(
        number,
        random.choice(["normal", "dispute"]),
        random.choices(get_args(Language), [94, 3, 3])[0],
        tuple(signals),
        (random.choice(CATEGORIES),) if random.random() < 0.01 else (),
        frozenset([label] if label else []),
    )


def _make_signal(random: Random, category: Category, is_right: bool) -> Signal:
    score = to_hundredths(random.betavariate(5, 2) if is_right else random.betavariate(2, 4))
    reported, quoted = random.random() < 0.05, random.random() < 0.05
    return Signal(category, score, 0, 4, random.choice(DETECTORS), "1", f"{category}.x", reported, quoted)


def make_settings(random: Random, tunables: Any) -> dict[str, float | int]:
    """One to five numbers of the policy changed, within their bounds."""
    chosen = random.sample(list(tunables), random.randint(1, 5))
    return {tunable.name: _value(random, tunable) for tunable in chosen}


def _value(random: Random, tunable: Any) -> float | int:
    if isinstance(tunable.value, int):
        return random.randint(int(tunable.minimum or 1), int(tunable.maximum or 9))
    low, high = tunable.minimum or 0.0, tunable.maximum or 1.0
    return min(high, max(low, round(random.uniform(low, high), 2))) if random.random() < 0.9 else high
