"""How the ends of an interval are written, and the divisors that are tried."""

import pytest

from engine.expression.intervals import in_words


@pytest.mark.parametrize(
    ("units", "scale", "words"),
    [
        (0, 2, "0"),
        (1, 2, "0.01"),
        (-150, 2, "-1.50"),
        (12, 0, "12"),
        (10**15 - 1, 0, "999999999999999"),
        (10**15, 0, "1.0e15"),
        (10**15, 9, "1.0e6"),
        (-(10**15), 10, "-100000.0"),
        (2**63 - 1, 0, "9.2e18"),
        (2**63 - 1, 14, "92233.7"),
    ],
)
def test_number_in_words(units: int, scale: int, words: str) -> None:
    assert in_words(units, scale) == words
