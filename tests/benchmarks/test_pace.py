"""Fast contenders repeat their inputs, slow ones get only a few, with a clock that only they advance."""

import pytest

from benchmarks import pace
from benchmarks.pace import ENOUGH, FEWEST, PASS, TRIALS, seconds_of, share


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


class Clock:
    seconds = 0.0

    def process_time(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def test_fast_contender_is_tried_on_every_input(clock):
    seen = set()
    seconds_of(seen.add, [(number,) for number in range(200)])
    assert seen == set(range(200))


def test_slow_contender_is_tried_a_few_times(clock):
    calls = []

    def slow(number: int) -> None:
        calls.append(number)
        clock.seconds += ENOUGH

    assert seconds_of(slow, [(number,) for number in range(200)]) == pytest.approx(ENOUGH)
    assert len(calls) == 1 + TRIALS
