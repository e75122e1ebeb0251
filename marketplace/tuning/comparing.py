"""Two versions of the detectors on the same texts: which thresholds keep the recall, and which texts change sides.

Scores of two models are not comparable, so each threshold is translated: the new one finds as many of the labelled texts as the
old one did, and is the nearest to it that does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from django.db.models import Count, Min

from decisions import bundles, trial
from detectors.pipeline import Pipeline
from detectors.signal import Category, Findings, Signal
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import Mode
from marketplace.moderation.services import POLICY
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.models import Finding, LabelledSet
from marketplace.tuning.samples import Sample, facts_alone, to_hundredths
from marketplace.tuning.sets import examined, samples_by, samples_of, texts_in, texts_of
from marketplace.tuning.thresholds import Change, Evaluation, Side, Texts, decide

Progress = Callable[[Iterable[tuple[int, str]]], Iterable[tuple[int, str]]]

STEP: Final = 0.01
HIGHEST: Final = 1.0
ALONE: Final[Mapping[str, Side]] = {"block": "blocked", "hold": "held"}
"""The columns that are about what a detector's word alone does, and what that is."""


@dataclass(frozen=True, slots=True)
class Translation:
    """One threshold. The recalls are those of the old detectors at `old`, and of the new ones at `old` and at `new`."""

    name: str
    mode: str
    category: str
    column: str
    old: float
    new: float
    before: Ratio
    untranslated: Ratio
    after: Ratio

    @property
    def is_worse(self) -> bool:
        """Whether no threshold keeps the recall: the new detectors find nothing in too many of the texts."""
        return self.after.hits < self.before.hits

    def to_dict(self) -> dict[str, Any]:
        return {
            "threshold": self.name,
            "in_force": self.old,
            "translated": self.new,
            "recall_before": self.before.to_dict(),
            "recall_if_it_stays": self.untranslated.to_dict(),
            "recall_translated": self.after.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """`same` are the texts that change sides under the thresholds in force, `translated` under the translated ones."""

    translations: tuple[Translation, ...]
    old: Evaluation
    same: Evaluation
    translated: Evaluation

    @property
    def changes(self) -> list[Change]:
        return self.old.changes_to(self.same)

    @property
    def changes_translated(self) -> list[Change]:
        return self.old.changes_to(self.translated)

    def to_dict(self) -> dict[str, Any]:
        return {
            "texts": len(self.old.texts.samples),
            "thresholds": [each.to_dict() for each in self.translations],
            "changes": {
                "if_thresholds_stay": [change.to_dict() for change in self.changes],
                "translated": [change.to_dict() for change in self.changes_translated],
            },
        }


def compare(old: Sequence[Sample], new: Sequence[Sample], *, now: datetime) -> Comparison:
    """Both sequences are of the same texts, in the same order. The policy in force decides."""
    version = bundles.current().version_at(POLICY, now)
    translations = tuple(_translate(old, new, version, now))
    values = {each.name: each.new for each in translations if each.new != each.old}
    adjusted = trial.adjusted(POLICY, values, now=now).version_at(POLICY, now)
    texts = Texts(new)
    return Comparison(
        translations,
        Evaluation(Texts(old), version, now=now),
        Evaluation(texts, version, now=now),
        Evaluation(texts, adjusted, now=now),
    )


@dataclass(frozen=True, slots=True)
class Examination:
    """The texts of a set that one version of the detectors has examined, and when it first did. `detectors` is its hash."""

    detectors: str
    texts: int
    at: datetime


def examinations_of(labelled: LabelledSet) -> list[Examination]:
    """The latest first. One query."""
    found = Finding.objects.filter(sample__in=texts_in(labelled)).order_by()
    rows = found.values_list("detectors").annotate(texts=Count("pk"), first=Min("at"))
    return sorted((Examination(*row) for row in rows), key=lambda each: each.at, reverse=True)


def samples_of_both(
    labelled: LabelledSet, old: Examination, new: Examination
) -> tuple[list[Sample], list[Sample]]:
    """What each found in the texts that both have examined."""
    before, after = (
        {sample.number: sample for sample in samples_by(labelled, each.detectors)} for each in (old, new)
    )
    both = sorted(before.keys() & after.keys())
    return [before[number] for number in both], [after[number] for number in both]


def examine_with_both(
    labelled: LabelledSet,
    old: Pipeline,
    new: Pipeline,
    *,
    now: datetime,
    progress: Progress = lambda texts: texts,
) -> tuple[list[Sample], list[Sample]]:
    """What each finds now in the texts that are still there. Records nothing. Slow: never call it inside a transaction. Raises
    DetectorsFail."""
    samples = {sample.number: sample for sample in samples_of(labelled)}
    before, after = [], []
    for number, text in progress(texts_of(labelled, now=now)):
        if number in samples:
            [first], [second] = examined([text], old), examined([text], new)
            before.append(_with(samples[number], first))
            after.append(_with(samples[number], second))
    return before, after


def _with(sample: Sample, found: Findings) -> Sample:
    signals = tuple(replace(signal, score=to_hundredths(signal.score)) for signal in found.signals)
    return replace(sample, language=found.language, signals=signals, unavailable=tuple(found.unavailable))


def _translate(
    old: Sequence[Sample], new: Sequence[Sample], version: CompiledPolicy, now: datetime
) -> Iterable[Translation]:
    for tunable in trial.tunables(POLICY, now=now):
        row = {name: str(value) for name, value in tunable.row}
        if row.keys() != {"mode", "category"} or tunable.value > HIGHEST:
            continue
        mode, category = cast("Mode", row["mode"]), row["category"]
        side = ALONE.get(tunable.column)
        counted = _detectors_alone(side, mode, category, (*old, *new), version, now) if side else None
        before, after = (
            [_score(sample, category, counted) for sample in samples if category in sample.labels]
            for samples in (old, new)
        )
        if not before:
            continue
        found = _reaching(before, tunable.value)
        chosen = _nearest(after, found, tunable.value)
        yield Translation(
            tunable.name,
            mode,
            category,
            tunable.column,
            tunable.value,
            chosen,
            Ratio(found, len(before)),
            Ratio(_reaching(after, tunable.value), len(after)),
            Ratio(_reaching(after, chosen), len(after)),
        )


def _detectors_alone(
    side: Side, mode: Mode, category: str, samples: Iterable[Sample], version: CompiledPolicy, now: datetime
) -> set[str]:
    """Those whose word alone brings a text to this side, if they are certain."""
    names = {
        signal.detector for sample in samples for signal in sample.signals if signal.category == category
    }
    return {name for name in names if _decided_alone(mode, category, name, version, now) == side}


def _decided_alone(mode: Mode, category: Any, detector: str, version: CompiledPolicy, now: datetime) -> Side:
    facts = facts_alone(mode, Signal(category, HIGHEST, 0, 0, detector, "", ""))
    return decide(version, facts, now=now)


def _score(sample: Sample, category: Category | str, counted: set[str] | None) -> float:
    """What the threshold is compared with: with `counted`, what these detectors find in the author's own words."""
    scores = (
        signal.score
        for signal in sample.signals
        if signal.category == category
        and (counted is None or (signal.detector in counted and not (signal.reported or signal.quoted)))
    )
    return max(scores, default=0.0)


def _reaching(scores: Iterable[float], threshold: float) -> int:
    return sum(score >= threshold for score in scores)


def _nearest(scores: Sequence[float], wanted: int, threshold: float) -> float:
    """The threshold nearest to `threshold` that at least `wanted` scores reach, and no more if that is possible."""
    ranked = sorted((score for score in scores if score), reverse=True)
    if not wanted or not ranked:
        return threshold
    highest = ranked[min(wanted, len(ranked)) - 1]
    lowest = ranked[wanted] + STEP if wanted < len(ranked) else STEP
    return round(min(highest, max(lowest, threshold)), 2)
