"""Exact arithmetic on whole units: rounding and division with four rounding modes, named as in Python's `decimal`."""

from __future__ import annotations

from typing import Final

HALF_EVEN, HALF_UP, DOWN, UP = "half_even", "half_up", "down", "up"
ROUNDING: Final = (HALF_EVEN, HALF_UP, DOWN, UP)
"""Round to nearest with ties to even; to nearest with ties away from zero; toward zero; away from zero."""


def rounded(units: int, cut: int, mode: str) -> int:
    """Round off the last `cut` digits; a negative `cut` appends zeros."""
    return units * 10**-cut if cut <= 0 else _quotient(units, 10**cut, mode)


def divided(units: int, divisor: int, shift: int, mode: str) -> int:
    """Compute `units * 10**shift / divisor`, rounded to whole units."""
    if shift >= 0:
        return _quotient(units * 10**shift, divisor, mode)
    return _quotient(units, divisor * 10**-shift, mode)


def _quotient(dividend: int, divisor: int, mode: str) -> int:
    whole, rest = divmod(abs(dividend), abs(divisor))
    twice = 2 * rest - abs(divisor)
    match mode:
        case "up":
            whole += rest > 0
        case "half_up":
            whole += twice >= 0
        case "half_even":
            whole += twice > 0 or (twice == 0 and whole % 2)
    return whole if (dividend < 0) == (divisor < 0) else -whole
