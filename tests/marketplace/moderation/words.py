"""Moderation by words that a test can choose, since how well texts are judged is tested with the detectors themselves.

"threat:0.6" is a threat of that score; "+reported", "+quoted" and "+classifier" say more of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from detectors.signal import CATEGORIES, Category, Findings, Signal

WORD = re.compile(rf"\b({'|'.join(CATEGORIES)}):([01]\.\d+)(\+reported)?(\+quoted)?(\+classifier)?", re.ASCII)
GERMAN = "Guten Tag"


@dataclass(frozen=True)
class Words:
    unavailable: tuple[Category, ...] = ()
    troubles: list[str] = field(default_factory=list)

    def examine(self, text: str) -> Findings:
        language = "other" if GERMAN in text else "english"
        found = tuple(signal for signal in _find(text) if signal.category not in self.unavailable)
        return Findings(language, found, self.unavailable)

    def problems(self) -> list[str]:
        return self.troubles


def _find(text: str) -> Iterator[Signal]:
    for word in WORD.finditer(text):
        category, score, reported, quoted, classifier = word.groups()
        detector = "classifier" if classifier else "lexicon"
        tags = {"reported": bool(reported), "quoted": bool(quoted)}
        yield Signal(category, float(score), *word.span(), detector, "words.1", f"{category}.word", **tags)


def pipeline(*, lexicon: str, classifier: str, models: Path) -> Words:
    return Words()


def without_threats(*, lexicon: str, classifier: str, models: Path) -> Words:
    """Nobody judges threats, a hard category."""
    return Words(unavailable=("threat",))


def without_spam(*, lexicon: str, classifier: str, models: Path) -> Words:
    return Words(unavailable=("spam",))


def with_a_problem(*, lexicon: str, classifier: str, models: Path) -> Words:
    return Words(troubles=["the classifier has no model"])
