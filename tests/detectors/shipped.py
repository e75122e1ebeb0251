"""The shipped pipeline and policy, for tests of decisions on texts."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from detectors.classifier import shipped_classifier
from detectors.lexicon import Lexicon
from detectors.lexicon_reader import read_lexicon
from detectors.pipeline import Pipeline
from detectors.reading import Reader, Reading
from detectors.signal import Findings
from detectors.standard import standard
from engine import Decision
from tests.detectors.texts import MODELS
from tests.engine.policies import shipped

NOW = datetime(2026, 11, 25, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "policies" / "lexicon"
SIGNAL_FACTS = ("category", "score", "detector", "reported", "quoted")


@cache
def pipeline(*, classifier: bool = False) -> Pipeline:
    """The rules alone, or with the default classifier, which holds messages for review that no rule matches."""
    return standard(lexicon(), [shipped_classifier(MODELS)] if classifier else [])


@cache
def lexicon() -> Lexicon:
    return read_lexicon(FOLDER)


def read(text: str) -> Reading:
    return Reader(lexicon().known).read(text)


def outcome(text: str, mode: str, *, classifier: bool = False) -> str:
    return decided(examined(text, classifier), mode)


@cache
def examined(text: str, classifier: bool) -> Findings:
    """Once for both modes: what is found takes most of the time, and does not depend on them."""
    return pipeline(classifier=classifier).examine(text)


def decided(findings: Findings, mode: str) -> str:
    return decided_whole(findings, mode).outcome


def decided_whole(findings: Findings, mode: str) -> Decision:
    facts = {
        "mode": mode,
        "language": findings.language,
        "signals": [{name: getattr(signal, name) for name in SIGNAL_FACTS} for signal in findings.signals],
        "unavailable": list(findings.unavailable),
        "earlier_insults": [],
    }
    return shipped().decide("moderation_profiles", facts, now=NOW)


def rules_of(text: str) -> set[str]:
    return {signal.rule for signal in pipeline().examine(text).signals}
