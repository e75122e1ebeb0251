"""The share of bad messages at a score is that of the stated mix, and not of the texts at hand."""

import pytest

from ml.benchmark.reliability import reliability


def test_messages_are_weighted_to_the_stated_mix():
    scored = [(0.85, True), (0.05, True), (0.85, False), (0.05, False), (0.05, False), (0.05, False)]
    [low, high] = reliability(scored, 0.2)
    assert low == pytest.approx((0.05, 0.1 / 0.7))
    assert high == pytest.approx((0.85, 0.1 / 0.3))


def test_scores_at_both_ends_are_counted():
    assert reliability([(0.0, False), (1.0, True)], 0.5) == [(0.0, 0.0), (1.0, 1.0)]
