"""Shares with their uncertainty."""

from dataclasses import dataclass
from typing import Any

from detectors.wilson import Interval, wilson


@dataclass(frozen=True, slots=True)
class Ratio:
    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """None if there is nothing to take a share of."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> Interval:
        """The 95% Wilson score interval: from 0 to 1 if nothing is known."""
        return wilson(self.hits, self.of)

    def to_dict(self) -> dict[str, Any]:
        low, high = self.interval
        return {"hits": self.hits, "of": self.of, "share": self.share, "low": low, "high": high}
