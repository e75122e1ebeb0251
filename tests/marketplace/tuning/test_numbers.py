"""Precision, recall and their intervals are those of scikit-learn and SciPy: see `compared`."""

import json

import pytest

from marketplace.tuning.thresholds import SIDES, Counts
from tests.marketplace.tuning.compared import KEPT, SEEDS, generated


@pytest.mark.parametrize("seed", SEEDS)
def test_precision_and_recall_are_those_of_the_packages(seed: int) -> None:
    texts = generated(seed)
    counts = Counts(
        dict.fromkeys(SIDES, 0)
        | {"blocked": sum(found for _, found in texts), "passed": sum(not found for _, found in texts)},
        dict.fromkeys(SIDES, 0)
        | {
            "blocked": sum(label and found for label, found in texts),
            "passed": sum(label and not found for label, found in texts),
        },
    )
    expected = json.loads(KEPT.read_text())[seed]
    for name, ratio in (("precision", counts.precision()), ("recall", counts.recall())):
        ours = None if ratio.share is None else [ratio.share, *ratio.interval]
        assert ours == (None if expected[name] is None else pytest.approx(expected[name])), name
