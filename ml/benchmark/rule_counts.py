"""Count how often each rule is right on labelled texts, and how many harmless lines it matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from detectors.clause_rules.repeated_abuse import REPEATED
from detectors.labelled import Labelled
from detectors.lexicon import Lexicon
from detectors.pipeline import Pipeline
from detectors.repairing import BLOCKS, HOLDS
from detectors.signal import Category, Signal
from detectors.wilson import wilson

HARD: Final = frozenset[Category]({"threat", "abuse", "hate", "violence"})
ENOUGH: Final = 30
"""A rule with fewer hits on labelled texts is judged together with the others of its category."""

PRECISE: Final = 0.90
MOST_HARMLESS: Final = 1
NEVER: Final = 2.0


@dataclass(frozen=True)
class Count:
    """`right` and `wrong` count labelled texts, and `harmless` counts lines. Each text counts once per rule."""

    rule: str
    score: float
    right: int
    wrong: int
    harmless: int
    pooled: float
    """The lower bound for all rules of its category with fewer than ENOUGH hits, pooled."""

    @property
    def hits(self) -> int:
        return self.right + self.wrong

    @property
    def lower(self) -> float:
        return wilson(self.right, self.hits).lower if self.hits >= ENOUGH else self.pooled

    @property
    def effect(self) -> str:
        return "blocks" if self.score >= BLOCKS else "holds" if self.score >= HOLDS else "flags"

    @property
    def verdict(self) -> str:
        """Why a blocking rule should not block. Rules that hold or flag always pass."""
        if self.effect != "blocks":
            return ""
        if self.harmless > MOST_HARMLESS:
            return "harmless lines"
        return "" if self.lower >= PRECISE else "imprecise" if self.hits >= ENOUGH else "thin"


def count_rules(
    pipeline: Pipeline, lexicon: Lexicon, rows: Iterable[Labelled], harmless: Iterable[str]
) -> list[Count]:
    """Count the hits of every rule of a hard category, in the order of the lexicons. Signals that a repair or an exception has
    weakened, and reported or quoted words, are not hits, since they block nothing."""
    scores: dict[str, float] = {}
    for one in (lexicon, *lexicon.foreign):
        scores |= {rule.id: rule.score for rule in one.rules if rule.category in HARD and not rule.reported}
        for entry in one.entries:
            if entry.category in HARD:
                rule_id = f"{one.prefix}{entry.category}.word"
                scores[rule_id] = max(entry.score, scores.get(rule_id, 0.0))
        scores[f"{one.prefix}{REPEATED}"] = one.severities["strong"]["abuse"]
    right, wrong, lines = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        if row.dispute:
            (right if row.dispute == "block" else wrong).update(_hit(pipeline, row.text, scores))
    for text in harmless:
        lines.update(_hit(pipeline, text, scores))
    pooled = _pooled(scores, right, wrong)
    return [
        Count(rule, score, right[rule], wrong[rule], lines[rule], pooled[rule.partition(".")[0]])
        for rule, score in scores.items()
    ]


def strongest(pipeline: Pipeline, text: str) -> float:
    """The highest score that would block or hold the text."""
    return max((signal.score for signal in _own(pipeline, text)), default=0.0)


def _hit(pipeline: Pipeline, text: str, scores: Mapping[str, float]) -> set[str]:
    return {s.rule for s in _own(pipeline, text) if s.score >= scores.get(s.rule, NEVER)}


def _own(pipeline: Pipeline, text: str) -> list[Signal]:
    """Signals of hard categories that are the author's own words."""
    signals = pipeline.examine(text).signals
    return [s for s in signals if s.category in HARD and not (s.reported or s.quoted)]


def _pooled(scores: Iterable[str], right: Counter[str], wrong: Counter[str]) -> dict[str, float]:
    thin: dict[str, list[str]] = {}
    for rule in scores:
        few = right[rule] + wrong[rule] < ENOUGH
        thin.setdefault(rule.partition(".")[0], []).extend([rule] if few else [])
    return {
        category: wilson(sum(right[r] for r in rules), sum(right[r] + wrong[r] for r in rules)).lower
        for category, rules in thin.items()
    }
