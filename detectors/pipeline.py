"""From a text to what the detectors find in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detectors.detector import Detector
from detectors.message import Message
from detectors.signal import CATEGORIES, Category, Findings, Language, Signal


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a detector."""

    detector: str
    version: str
    what: str


class Pipeline:
    """Asks each detector in turn; one that raises has judged nothing."""

    def __init__(self, detectors: Sequence[Detector], *, problems: Sequence[Problem] = ()) -> None:
        self.detectors = tuple(detectors)
        self._lasting = tuple(problems)

    def examine(self, text: str) -> Findings:
        message = Message(text, text, tuple(range(len(text) + 1)))
        found: list[Signal] = []
        judged: set[Category] = set()
        for detector in self.detectors:
            try:
                found += detector.find(message)
            except Exception:
                continue
            judged |= detector.categories
        unavailable = tuple(category for category in CATEGORIES if category not in judged)
        return Findings(_language(text), tuple(found), unavailable)

    def problems(self) -> tuple[Problem, ...]:
        return self._lasting


def _language(text: str) -> Language:
    return "english" if sum(map(str.isalpha, text)) > 20 else "undetermined"
