import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.wilson import Z
from marketplace.tuning.intervals import Ratio


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.490162, 0.943318), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0)],
)
def test_known_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert Ratio(hits, of).interval == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 100_000), st.data())
def test_both_ends_are_as_far_from_the_share_as_their_own_deviation(of: int, data: st.DataObject) -> None:
    ratio = Ratio(data.draw(st.integers(0, of)), of)
    assert ratio.share is not None
    low, high = ratio.interval
    assert 0 <= low <= ratio.share <= high <= 1
    for end in (low, high):
        reach = Z * math.sqrt(end * (1 - end) / of)
        assert abs(end - ratio.share) == pytest.approx(reach, abs=1e-7)


def test_nothing_is_known_of_no_texts() -> None:
    assert Ratio(0, 0).share is None
    assert Ratio(0, 0).interval == (0.0, 1.0)
