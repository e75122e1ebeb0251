"""Shares with their uncertainty."""

import math
from dataclasses import dataclass
from typing import Any, Final

Z: Final = 1.959963984540054
"""The quantile of the normal distribution for 95% intervals."""


@dataclass(frozen=True, slots=True)
class Ratio:
    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """None if there is nothing to take a share of."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% Wilson score interval: from 0 to 1 if nothing is known."""
        if not self.of:
            return 0.0, 1.0
        share, spread = self.hits / self.of, Z * Z / self.of
        middle = share + spread / 2
        reach = Z * math.sqrt((share * (1 - share) + spread / 4) / self.of)
        low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
        return (low if self.hits else 0.0), (high if self.hits < self.of else 1.0)

    def to_dict(self) -> dict[str, Any]:
        low, high = self.interval
        return {"hits": self.hits, "of": self.of, "share": self.share, "low": low, "high": high}
