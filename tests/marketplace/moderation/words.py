"""A test detector driven by words in the text; the real detectors are tested separately.

"threat:0.6" is a threat of that score; "+reported", "+quoted" and "+classifier" add attributes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detectors.pipeline import Problem
from detectors.signal import CATEGORIES, Category, Findings, Signal

WORD = re.compile(rf"\b({'|'.join(CATEGORIES)}):([01]\.\d+)(\+reported)?(\+quoted)?(\+classifier)?", re.ASCII)
ITALIAN = "Buongiorno"


@dataclass(frozen=True)
class Version:
    name: str = "lexicon"
    version: str = "words.1"


@dataclass(frozen=True)
class Words:
    unavailable: tuple[Category, ...] = ()
    troubles: tuple[Problem, ...] = ()
    detectors: tuple[Version, ...] = (Version(),)

    def examine(self, text: str) -> Findings:
        language = "other" if ITALIAN in text else "english"
        signals = tuple(signal for signal in _find(text) if signal.category not in self.unavailable)
        return Findings(language, signals, self.unavailable)

    def rules(self) -> dict[str, Category]:
        return {f"{category}.word": category for category in CATEGORIES}

    def problems(self) -> tuple[Problem, ...]:
        return self.troubles


def _find(text: str) -> Iterator[Signal]:
    for word in WORD.finditer(text):
        category, score, reported, quoted, classifier = word.groups()
        detector = "classifier" if classifier else "lexicon"
        tags = {"reported": bool(reported), "quoted": bool(quoted)}
        yield Signal(category, float(score), *word.span(), detector, "words.1", f"{category}.word", **tags)


def pipeline(**_: object) -> Words:
    return Words()


def without_threats(**_: object) -> Words:
    """Nobody judges threats, a mandatory category."""
    return Words(unavailable=("threat",))


def without_spam(**_: object) -> Words:
    return Words(unavailable=("spam",))


def with_a_problem(**_: object) -> Words:
    return Words(troubles=(Problem("classifier", "1", "its model is missing"),))


def impossible(**_: object) -> Words:
    raise ValueError("line 3 of the word list makes no sense")
