"""The 95% Wilson score interval of a share."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

Z: Final = 1.959963984540054
"""The quantile of the normal distribution for 95% intervals."""


class Interval(NamedTuple):
    lower: float
    upper: float


def wilson(right: int, of: int) -> Interval:
    """From 0 to 1 if nothing was counted."""
    if not of:
        return Interval(0.0, 1.0)
    share, spread = right / of, Z * Z / of
    middle = share + spread / 2
    reach = Z * sqrt((share * (1 - share) + spread / 4) / of)
    lower, upper = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return Interval(lower if right else 0.0, upper if right < of else 1.0)
