"""Fast contenders go through their inputs again and again, slow ones see only a few."""

import pytest

from benchmarks.pace import FEWEST, PASS, share


@pytest.mark.parametrize(
    ("seconds", "inputs", "repeats"),
    [
        (PASS / 2_000, 2_000, 1),
        (PASS / 20_000, 2_000, 10),
        (PASS / 500, 500, 1),
        (PASS, FEWEST, 1),
    ],
)
def test_share_fills_one_pass(seconds, inputs, repeats):
    assert share(seconds, 2_000) == (inputs, repeats)


def test_share_of_few_inputs_never_asks_for_more():
    assert share(1.0, 7) == (7, 1)
