"""The interval of a share."""

import pytest

from detectors.wilson import wilson


def test_interval_holds_the_share_and_narrows_with_more_texts() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    few, many = wilson(9, 10), wilson(90, 100)
    assert few.lower < many.lower < 0.9 < many.upper < few.upper
    assert wilson(0, 10).lower == 0.0
    assert wilson(10, 10).upper == 1.0


@pytest.mark.parametrize(
    ("right", "of", "lower", "upper"),
    # statsmodels.stats.proportion.proportion_confint(right, of, method="wilson"), statsmodels 0.14.5
    [
        (10, 10, 0.7224672001371107, 1.0),
        (1, 3, 0.06149194472039601, 0.7923403991979523),
        (81, 263, 0.2552885198782742, 0.36620957698280004),
    ],
)
def test_interval_is_the_one_of_statsmodels(right: int, of: int, lower: float, upper: float) -> None:
    assert wilson(right, of) == (pytest.approx(lower, abs=1e-7), pytest.approx(upper, abs=1e-7))
