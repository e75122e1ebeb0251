"""The detectors until there are better ones: a few words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from detectors.detector import Detector
from detectors.message import Message
from detectors.pipeline import Pipeline, Problem
from detectors.signal import CATEGORIES, Category, Signal


class WordList:
    name = "lexicon"
    version = "tiny.1"
    categories = frozenset(CATEGORIES)

    _words: dict[Category, str] = {
        "threat": r"\bi (?:will|am going to) (?:kill|hurt) you\b",
        "profanity": r"\b(?:fuck|shit)\w*",
        "insult": r"\byou (?:are an? )?(?:idiot|moron)\b",
        "self_harm": r"\bkill myself\b",
    }

    def find(self, message: Message) -> Iterable[Signal]:
        return list(self._find(message.normalized.lower()))

    def _find(self, text: str) -> Iterator[Signal]:
        for category, pattern in self._words.items():
            for match in re.finditer(pattern, text):
                yield Signal(category, 0.9, *match.span(), self.name, self.version, f"{category}.word")


def standard(
    lexicon: Path,
    classifiers: Sequence[Detector] = (),
    *,
    original_profanity: bool = False,
    problems: Sequence[Problem] = (),
) -> Pipeline:
    return Pipeline((WordList(), *classifiers), problems=problems)
