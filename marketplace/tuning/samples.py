"""What the numbers of this app are counted from. It never contains a text."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from detectors.signal import Category, Findings, Language, Signal
from marketplace.moderation.facts import Mode, moderation_facts

HUNDREDTH = Decimal("0.01")
JUDGED_IN: Final = "english"
"""The language in which a signal or a category is decided about alone."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One text of a labelled set: what detectors found in it, and the categories that people gave it (none: harmless)."""

    number: int
    """The primary key of its row."""
    mode: Mode
    language: Language
    signals: tuple[Signal, ...]
    """With scores as `to_hundredths` returns them."""
    unavailable: tuple[Category, ...]
    labels: frozenset[str]
    """The categories that count, without those of second, blind labels."""

    @property
    def findings(self) -> Findings:
        return Findings(self.language, self.signals, self.unavailable)


def to_hundredths(score: float) -> float:
    """Rounded down, so that every threshold of two decimal places judges it as it judges the exact score."""
    return float(Decimal(str(score)).quantize(HUNDREDTH, rounding=ROUND_DOWN))


def facts_of(mode: Mode, findings: Findings) -> dict[str, object]:
    """What the profiles see of a text whose author has insulted nobody before."""
    return moderation_facts(mode=mode, findings=findings, insults=())


def facts_alone(mode: Mode, *signals: Signal) -> dict[str, object]:
    """Of an English text in which only this was found."""
    return facts_of(mode, Findings(JUDGED_IN, signals))
