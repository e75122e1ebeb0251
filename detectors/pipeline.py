"""Run every detector on a text, and report the categories that none could judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detectors.detector import Detector
from detectors.language import language_of
from detectors.normalizer import TextTooLong
from detectors.reading import Reader
from detectors.signal import CATEGORIES, Category, Findings, Signal

CLASSIFIER: Final = "classifier"
"""The name of detectors that never block alone."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The latest failure of a detector."""

    detector: str
    version: str
    what: str


class Pipeline:
    """Thread-safe. A detector that fails is tried again on the next text.

    INVARIANT: findings never depend on a clock, or a busy server would refuse harmless messages. The length of the text
    bounds the work.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        reader: Reader | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.detectors = tuple(detectors)
        self.reader = reader or Reader()
        self._lasting = tuple(problems)
        self._failing: dict[int, Problem] = {}

    def examine(self, text: str) -> Findings:
        """Never raises: categories are `unavailable` if the text is too long or their detectors fail."""
        try:
            reading = self.reader.read(text)
        except TextTooLong:
            return Findings("undetermined", unavailable=CATEGORIES)
        signals: list[Signal] = []
        worked: list[Detector] = []
        for number, detector in enumerate(self.detectors):
            try:
                judged = list(detector.find(reading))
            except Exception as error:
                # The error message may quote the text, which must not appear in any log or page.
                self._failing[number] = Problem(detector.name, detector.version, type(error).__name__)
                continue
            signals += judged
            self._failing.pop(number, None)
            worked.append(detector)
        return Findings(
            language_of(text, reading.normalized),
            tuple(signals),
            tuple(c for c in CATEGORIES if not self._judged(c, worked)),
        )

    def _judged(self, category: Category, worked: Sequence[Detector]) -> bool:
        """A classifier can only flag, so a category covered by other detectors needs one of those."""
        guards = [d for d in self.detectors if category in d.categories and d.name != CLASSIFIER]
        return any(category in d.categories and (not guards or d in guards) for d in worked)

    def rules(self) -> dict[str, Category]:
        """Every rule that a signal may name, with its category."""
        return {rule: category for detector in self.detectors for rule, category in detector.rules.items()}

    def problems(self) -> tuple[Problem, ...]:
        """Detectors that failed on their last text or could not be built, for `/readyz`."""
        return self._lasting + tuple(problem for _, problem in sorted(self._failing.items()))
