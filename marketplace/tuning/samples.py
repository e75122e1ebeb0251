"""What the numbers of this app are counted from. It never contains a text."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from detectors.signal import Signal

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sample:
    """One text of a labelled set: what detectors found in it, and the categories that people gave it (none: harmless)."""

    number: int
    """The primary key of its row."""
    mode: str
    """`normal` or `dispute`."""
    language: str
    signals: tuple[Signal, ...]
    """With scores as `to_hundredths` returns them."""
    unavailable: tuple[str, ...]
    labels: frozenset[str]
    """The categories that count, without those of second, blind labels."""


def to_hundredths(score: float) -> float:
    """Rounded down, so that every threshold of two decimal places judges it as it judges the exact score."""
    return float(Decimal(str(score)).quantize(HUNDREDTH, rounding=ROUND_DOWN))
