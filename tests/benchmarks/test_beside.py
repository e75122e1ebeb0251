"""Ratios are correct for any number of inputs, with a clock that only decisions advance."""

import pytest

from benchmarks import clock, pace
from benchmarks.beside import Contender, beside
from benchmarks.pace import PASS


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def process_time(self):
        return self.seconds

    def process_time_ns(self):
        return round(self.seconds * 1e9)

    def deciding(self, seconds):
        """A decision that takes `seconds` for input 1 and twice that for input 2."""

        def decide(weight):
            self.seconds += seconds * weight

        return decide


@pytest.fixture
def moved(monkeypatch):
    moved = Clock()
    monkeypatch.setattr(clock, "time", moved)
    monkeypatch.setattr(pace, "time", moved)
    return moved


def test_ratio_of_slow_contender_is_to_the_base_on_the_same_few_inputs(moved):
    inputs = [(1,)] * 100 + [(2,)] * 900
    base = Contender(moved.deciding(1e-6), inputs)
    others = {
        "twice": Contender(moved.deciding(2e-6), inputs),
        "slow": Contender(moved.deciding(PASS / 100), inputs),
    }
    ratios = beside(base, others, rounds=3)
    assert {name: (round(f.ratio, 3), f.inputs) for name, f in ratios.items()} == {
        "twice": (2.0, 1_000),
        "slow": (round(PASS / 100 / 1e-6, 3), 100),
    }


def test_ratio_of_other_inputs_is_by_decision(moved):
    base = Contender(moved.deciding(1e-6), [(1,)] * 50)
    ratios = beside(base, {"other": Contender(moved.deciding(1e-6), [(2,)] * 50)}, rounds=3)
    assert round(ratios["other"].ratio, 3) == 2.0
