"""What becomes of labelled texts under given parameters of `moderation_profiles`. The engine decides; nothing here repeats a
rule of the policy.

Texts in which the detectors found the same are decided once. Beside the whole text, each category is decided about alone, from
its signals only: this is what the precision and recall of a category mean.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple, get_args

from decisions.trial import Tunable
from detectors.signal import CATEGORIES, Findings, Signal
from engine import Decision
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import Mode
from marketplace.moderation.services import PASSING, is_queued
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.reach import Place, reached_by
from marketplace.tuning.samples import JUDGED_IN, Sample, facts_of

Side = Literal["passed", "flagged", "held", "blocked"]
"""Flagged texts are delivered and looked at, held ones are delivered after somebody looked at them."""

SIDES: Final[tuple[Side, ...]] = get_args(Side)
FOUND: Final[tuple[Side, ...]] = ("flagged", "held", "blocked")
STOPPED: Final[tuple[Side, ...]] = ("held", "blocked")
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
REVIEWED: Final[tuple[Side, ...]] = ("flagged", "held")


def side_of(decision: Decision) -> Side:
    if decision.errors or decision.outcome not in PASSING:
        return "blocked"
    if "hold" in decision.obligations:
        return "held"
    return "flagged" if is_queued(decision) else "passed"


def decide(version: CompiledPolicy, facts: Mapping[str, Any], *, now: datetime) -> Side:
    return side_of(version.decide(facts, now=now, bundle_digest="", superset=True))


class Member(NamedTuple):
    """A kind of text: its mode, the category that is decided about alone or None, and whether people gave it the category, or
    any."""

    mode: str
    category: str | None
    labelled: bool


class Grouped:
    """Texts, grouped by what the policy sees of them."""

    def __init__(self) -> None:
        self.facts: list[Mapping[str, Any]] = []
        """Everything that has to be decided about, each once."""
        self.members: list[Counter[Member]] = []
        """How many texts of each kind have these facts."""
        self.moments: dict[int, datetime] = {}
        """When to decide about the facts in these places, if not now."""
        self.samples: tuple[Sample, ...] = ()
        """Of a labelled set."""
        self._decided: dict[str, Evaluation] = {}

    def add(self, facts: Mapping[str, Any], at: datetime | None = None) -> int:
        """Returns the place."""
        self.facts.append(facts)
        self.members.append(Counter())
        if at is not None:
            self.moments[len(self.facts) - 1] = at
        return len(self.facts) - 1

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """Those of any text."""
        found = {member.mode for members in self.members for member in members}
        return tuple(mode for mode in MODES if mode in found)

    @cached_property
    def reached(self) -> dict[Place, list[int]]:
        """The places of the facts with a signal, by mode and category."""
        reached: dict[Place, list[int]] = {}
        for place, facts in enumerate(self.facts):
            for category in {signal["category"] for signal in facts["signals"]}:
                reached.setdefault((facts["mode"], category), []).append(place)
        return reached

    def under(self, version: CompiledPolicy, *, now: datetime) -> "Evaluation":
        """Remembered by the digest of the version's text, so it must have the parameters of its text."""
        if version.digest not in self._decided:
            self._decided[version.digest] = Evaluation(self, version, now=now)
        return self._decided[version.digest]


class Alone(NamedTuple):
    """A text that people gave a category, or in which something of it was found."""

    sample: Sample
    score: float
    """The highest of the category, or 0 if nothing of it was found."""
    labelled: bool
    place: int


class Texts(Grouped):
    """The texts of a labelled set."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        super().__init__()
        self.samples = tuple(samples)
        self._places: dict[Any, int] = {}
        self.alone: dict[tuple[str, str], list[Alone]] = {}
        """By mode and category, the lowest score first."""
        self.whole = [self._place(sample.mode, sample.findings) for sample in self.samples]
        """The place of each sample."""
        for sample, place in zip(self.samples, self.whole, strict=True):
            self.members[place][Member(sample.mode, None, bool(sample.labels))] += 1
        self._add_categories()

    def _add_categories(self) -> None:
        """Most texts have no signal of most categories, so those are counted together."""
        modes = Counter(sample.mode for sample in self.samples)
        without: Counter[tuple[Mode, str]] = Counter(
            {(mode, category): texts for mode, texts in modes.items() for category in CATEGORIES}
        )
        for sample in self.samples:
            found = {signal.category for signal in sample.signals}
            for category in sample.labels.union(found).intersection(CATEGORIES):
                signals = tuple(s for s in sample.signals if s.category == category)
                labelled = category in sample.labels
                without[sample.mode, category] -= 1
                place = self._count(sample.mode, category, signals, labelled)
                score = max((signal.score for signal in signals), default=0.0)
                self.alone.setdefault((sample.mode, category), []).append(
                    Alone(sample, score, labelled, place)
                )
        for alone in self.alone.values():
            alone.sort(key=lambda each: each.score)
        for (mode, category), texts in without.items():
            self._count(mode, category, (), False, texts)

    def _count(
        self, mode: Mode, category: str, signals: tuple[Signal, ...], labelled: bool, texts: int = 1
    ) -> int:
        place = self._place(mode, Findings(JUDGED_IN, signals))
        self.members[place][Member(mode, category, labelled)] += texts
        return place

    def _place(self, mode: Mode, findings: Findings) -> int:
        facts = facts_of(mode, findings)
        signals = sorted(tuple(signal.values()) for signal in facts["signals"])  # type: ignore[attr-defined]
        key = mode, findings.language, tuple(signals), findings.unavailable
        if key not in self._places:
            self._places[key] = self.add(facts)
        return self._places[key]


@dataclass(frozen=True, slots=True)
class Counts:
    """Texts by what becomes of them, and those among them that people labelled."""

    sides: Mapping[Side, int]
    labelled_sides: Mapping[Side, int]

    @property
    def texts(self) -> int:
        return sum(self.sides.values())

    @property
    def labelled(self) -> int:
        return sum(self.labelled_sides.values())

    def precision(self, sides: Sequence[Side] = FOUND) -> Ratio:
        """The share of the texts on these sides that are labelled."""
        return Ratio(_sum(self.labelled_sides, sides), _sum(self.sides, sides))

    def recall(self, sides: Sequence[Side] = FOUND) -> Ratio:
        """The share of the labelled texts that are on these sides."""
        return Ratio(_sum(self.labelled_sides, sides), self.labelled)

    @property
    def false_flags(self) -> int:
        """Flagged or held, and not labelled."""
        return self._false(REVIEWED)

    @property
    def false_blocks(self) -> int:
        return self._false(("blocked",))

    def _false(self, sides: Sequence[Side]) -> int:
        precision = self.precision(sides)
        return precision.of - precision.hits

    @property
    def missed(self) -> int:
        return self.labelled_sides["passed"]

    def hours(self, minutes: float) -> float:
        """The time of reviewers, if each text that they look at takes so many minutes."""
        return _sum(self.sides, REVIEWED) * minutes / 60

    def to_dict(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "labelled": self.labelled,
            **{str(side): texts for side, texts in self.sides.items()},
            "false_flags": self.false_flags,
            "false_blocks": self.false_blocks,
            "missed": self.missed,
            "precision": self.precision().to_dict(),
            "recall": self.recall().to_dict(),
            "precision_stopped": self.precision(STOPPED).to_dict(),
            "recall_stopped": self.recall(STOPPED).to_dict(),
        }


def _sum(sides: Mapping[Side, int], wanted: Iterable[Side]) -> int:
    return sum(sides[side] for side in wanted)


class Change(NamedTuple):
    """A text that gets another side."""

    sample: Sample
    before: Side
    after: Side

    def to_dict(self) -> dict[str, Any]:
        """The text by number, never its words."""
        return {
            "number": self.sample.number,
            "labels": sorted(self.sample.labels),
            "before": self.before,
            "after": self.after,
        }


class Mistakes(NamedTuple):
    """The texts behind these counts of a category. First are those that a threshold has to be moved least for."""

    missed: list[Alone]
    false_flags: list[Alone]
    false_blocks: list[Alone]


Tally = Counter[tuple[Side, bool]]
"""Texts by what becomes of them, and whether they are labelled."""


class Evaluation:
    """What one version of the policy decides about the texts."""

    def __init__(self, texts: Grouped, version: CompiledPolicy, *, now: datetime) -> None:
        self.texts = texts
        self.version = version
        self.sides: list[Side] = [self._decide(place, now) for place in range(len(texts.facts))]
        """By place."""
        self._before: Evaluation | None = None

    def _decide(self, place: int, now: datetime) -> Side:
        return decide(self.version, self.texts.facts[place], now=self.texts.moments.get(place, now))

    def turned(self, version: CompiledPolicy, numbers: Iterable[Tunable], *, now: datetime) -> "Evaluation":
        """Under the same policy with other values of these numbers, as `decisions.trial` makes it. Decides again only about
        texts for which the numbers can matter."""
        reached = reached_by(version.validated, numbers)
        if reached is None:
            return Evaluation(self.texts, version, now=now)
        other = copy(self)
        other.version, other._before, other.sides = version, self, list(self.sides)
        for place in {place for where in reached for place in self.texts.reached.get(where, ())}:
            other.sides[place] = other._decide(place, now)
        other.__dict__.pop("_tallies", None)
        return other

    @cached_property
    def _tallies(self) -> dict[tuple[str, str | None], Tally]:
        tallies: dict[tuple[str, str | None], Tally] = {}
        if self._before is not None:
            tallies = {key: tally.copy() for key, tally in self._before._tallies.items()}
        was: Sequence[Side | None] = self._before.sides if self._before else [None] * len(self.sides)
        for old, side, members in zip(was, self.sides, self.texts.members, strict=True):
            if old != side:
                for (mode, category, labelled), texts in members.items():
                    tally = tallies.setdefault((mode, category), Counter())
                    tally[side, labelled] += texts
                    if old is not None:
                        tally[old, labelled] -= texts
        return tallies

    def counts(self, mode: str, category: str | None = None) -> Counts:
        """Of all texts of a mode, or of what is found of one category in them."""
        tally = self._tallies.get((mode, category), Counter())
        return Counts(
            {side: tally[side, True] + tally[side, False] for side in SIDES},
            {side: tally[side, True] for side in SIDES},
        )

    def mistakes(self, mode: str, category: str) -> Mistakes:
        """What is found of one category in texts, against what people say. Texts with neither are not listed."""
        assert isinstance(self.texts, Texts)
        missed, false_flags, false_blocks = [], [], []
        for each in self.texts.alone.get((mode, category), ()):
            side = self.sides[each.place]
            if each.labelled:
                if side == "passed":
                    missed.append(each)
            elif side == "blocked":
                false_blocks.append(each)
            elif side != "passed":
                false_flags.append(each)
        return Mistakes(missed[::-1], false_flags, false_blocks)

    def changes_to(self, other: "Evaluation") -> list[Change]:
        """The texts of a labelled set that are on another side there, in its order, with what was found in them there."""
        sides = zip(other.texts.samples, self._of_samples(), other._of_samples(), strict=True)
        return [Change(sample, before, after) for sample, before, after in sides if before != after]

    def _of_samples(self) -> list[Side]:
        assert isinstance(self.texts, Texts)
        return [self.sides[place] for place in self.texts.whole]

    def to_dict(self) -> dict[str, Any]:
        return {
            mode: {
                "all": self.counts(mode).to_dict(),
                **{category: self.counts(mode, category).to_dict() for category in CATEGORIES},
            }
            for mode in self.texts.modes
        }
