"""How often each rule of the detectors is right on labelled texts, and what it does to harmless ones.

A rule is judged by the author's own words, neither reported nor quoted, and alone: a rule blocks a text if the policy blocks a
text in which only this rule found something. The engine decides that, so no threshold is repeated here. A score that is too low
to flag a text is no hit, or every head of a classifier would be wrong about most texts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from detectors.signal import Signal
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import Mode
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.samples import Sample, facts_alone
from marketplace.tuning.thresholds import Side, decide

WORST_FIRST: Final[tuple[Side, ...]] = ("blocked", "held", "flagged")


@dataclass(slots=True)
class RuleCount:
    """Each text counts once. `right` are texts that people gave the rule's category, `other` those with other categories only.
    `harmless` has the numbers of the samples without a category, by what the rule alone does to them. `weak` are texts in which
    its score is too low to do anything, and `excused` those in which it found only reported or quoted words."""

    rule: str
    category: str
    detector: str = ""
    right: int = 0
    other: int = 0
    weak: int = 0
    excused: int = 0
    harmless: dict[Side, list[int]] = field(default_factory=lambda: {side: [] for side in WORST_FIRST})

    @property
    def stopped(self) -> int:
        """The harmless texts that it alone blocks, holds or flags."""
        return sum(len(self.harmless[side]) for side in WORST_FIRST)

    @property
    def precision(self) -> Ratio:
        return Ratio(self.right, self.right + self.other + self.stopped)

    @property
    def is_silent(self) -> bool:
        """Whether the rule found nothing at all."""
        return not (self.precision.of or self.weak or self.excused)

    @property
    def worst(self) -> Side | None:
        """The worst that the rule does to a harmless text; None if it leaves them alone."""
        return next((side for side in WORST_FIRST if self.harmless[side]), None)


def count_rules(
    samples: Iterable[Sample], version: CompiledPolicy, *, rules: Mapping[str, str], now: datetime
) -> list[RuleCount]:
    """Rules that block harmless texts come first, then those that hold or flag them, each with the most first; then the least
    precise. `rules` has the category of each rule of the installation: one that found nothing is listed last."""
    counts = {rule: RuleCount(rule, category) for rule, category in rules.items()}
    alone = _Alone(version, now)
    for sample in samples:
        for rule, signal in _strongest(sample.signals).items():
            count = counts.setdefault(rule, RuleCount(rule, signal.category))
            count.detector = signal.detector
            if signal.reported or signal.quoted:
                count.excused += 1
            elif (side := alone.side(sample.mode, signal)) == "passed":
                count.weak += 1
            elif signal.category in sample.labels:
                count.right += 1
            elif sample.labels:
                count.other += 1
            else:
                count.harmless[side].append(sample.number)
    return sorted(counts.values(), key=_order)


def _strongest(signals: Iterable[Signal]) -> dict[str, Signal]:
    """Of each rule, the strongest of the author's own words; what is reported or quoted only if there is nothing else."""
    strongest: dict[str, Signal] = {}
    for signal in sorted(signals, key=lambda signal: (signal.reported or signal.quoted, -signal.score)):
        strongest.setdefault(signal.rule, signal)
    return strongest


class _Alone:
    def __init__(self, version: CompiledPolicy, now: datetime) -> None:
        self._version, self._now = version, now
        self._sides: dict[tuple[str, str, float, str], Side] = {}

    def side(self, mode: Mode, signal: Signal) -> Side:
        key = mode, signal.category, signal.score, signal.detector
        if key not in self._sides:
            self._sides[key] = decide(self._version, facts_alone(mode, signal), now=self._now)
        return self._sides[key]


def _order(count: RuleCount) -> tuple[object, ...]:
    harmed = [-len(count.harmless[side]) for side in WORST_FIRST]
    return count.is_silent, *harmed, not count.precision.of, count.precision.interval[1], count.rule
