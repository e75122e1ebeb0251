"""The contenders: the shipped pipeline without and with the classifier, and two word filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from detectors.classifier import shipped_classifier
from detectors.pipeline import Pipeline
from detectors.signal import CATEGORIES, Category, Findings
from detectors.standard import standard
from engine.bundle import Bundle, load_bundle

Mode = Literal["normal", "dispute"]
Outcome = Literal["allow", "flag", "block"]

MODES: tuple[Mode, ...] = ("normal", "dispute")
HALF = 0.5
"""alt-profanity-check's own threshold."""

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Judged:
    """`scores` has the highest score of each category, without reported or quoted words."""

    outcomes: Mapping[Mode, Outcome]
    scores: Mapping[Category, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    """A `slow` one judges only a sample."""

    name: str
    judge: Callable[[str], Judged]
    slow: bool = False


def contenders(policies: Path, models: Path) -> list[Contender]:
    bundle = load_policies(policies)
    lexicon = policies / "lexicon"
    with_classifier = standard(lexicon, [shipped_classifier(models)])
    return [
        Contender("rules", _by_policy(standard(lexicon), bundle)),
        Contender("rules + classifier", _by_policy(with_classifier, bundle)),
        Contender("better-profanity", better_profanity(), slow=True),
        Contender("alt-profanity-check", alt_profanity_check(), slow=True),
    ]


class BrokenPolicies(Exception):
    """The policies do not load; `comity check` shows why."""


def load_policies(folder: Path) -> Bundle:
    bundle = load_bundle(folder, released="warning").bundle
    if bundle is None:
        raise BrokenPolicies(f"`{folder}` does not load; `comity check` says why")
    return bundle


def _by_policy(pipeline: Pipeline, bundle: Bundle) -> Callable[[str], Judged]:
    def judge(text: str) -> Judged:
        findings = pipeline.examine(text)
        return Judged({mode: decide(bundle, findings, mode) for mode in MODES}, _scores(findings))

    return judge


def decide(bundle: Bundle, findings: Findings, mode: Mode) -> Outcome:
    """Decide as the marketplace does for an author's first message."""
    facts = {
        "mode": mode,
        "language": findings.language,
        "signals": [
            {
                "category": signal.category,
                "score": signal.score,
                "detector": signal.detector,
                "reported": signal.reported,
                "quoted": signal.quoted,
            }
            for signal in findings.signals
        ],
        "unavailable": list(findings.unavailable),
        "earlier_insults": [],
    }
    return cast("Outcome", bundle.decide("moderation_profiles", facts, now=NOW, superset=True).outcome)


def _scores(findings: Findings) -> dict[Category, float]:
    own = [signal for signal in findings.signals if not (signal.reported or signal.quoted)]
    return {
        category: max((signal.score for signal in own if signal.category == category), default=0.0)
        for category in CATEGORIES
    }


def better_profanity() -> Callable[[str], Judged]:
    from better_profanity import Profanity

    filter_ = Profanity()

    def judge(text: str) -> Judged:
        return _alike(1.0 if filter_.contains_profanity(text) else 0.0)

    return judge


def alt_profanity_check() -> Callable[[str], Judged]:
    from profanity_check import predict_prob

    def judge(text: str) -> Judged:
        return _alike(float(predict_prob([text])[0]))

    return judge


def _alike(score: float) -> Judged:
    """A word filter's result: the same score for all categories, and the same outcome in both modes."""
    outcome: Outcome = "block" if score >= HALF else "allow"
    return Judged(dict.fromkeys(MODES, outcome), dict.fromkeys(CATEGORIES, score))
