"""Run every detector on a text, and report the categories that none could judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.detector import Detector
from detectors.normalizer import TextTooLong
from detectors.reading import Reader
from detectors.signal import CATEGORIES, READ_AS_ENGLISH, Category, Findings, Language, Signal

CLASSIFIER: Final = "classifier"
"""The name of detectors that never block alone."""

LEAST: Final = 0.1
"""Lower scores of a classifier are dropped, since every head has some score for every text, unless they are a second opinion."""

_DOUBTED: Final[frozenset[Category]] = frozenset({"threat", "abuse", "hate", "violence"})
"""The categories for which a second opinion is of use."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The latest failure of a detector."""

    detector: str
    version: str
    what: str


class Pipeline:
    """Thread-safe. A detector that fails is tried again on the next text. `foreign` are detectors for languages other than
    English. All of them see every text, since a message may switch languages.

    INVARIANT: findings never depend on a clock, or a busy server would refuse harmless messages. The length of the text
    bounds the work.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        foreign: Mapping[Language, Sequence[Detector]] | None = None,
        reader: Reader | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self._english = tuple(detectors)
        self._foreign = foreign or {}
        self.detectors = (*self._english, *(d for several in self._foreign.values() for d in several))
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
        opinions: list[Signal] = []
        foreign = False
        worked: list[Detector] = []
        for number, detector in enumerate(self.detectors):
            if detector.name == CLASSIFIER and reading.language not in READ_AS_ENGLISH:
                continue
            try:
                judged = list(detector.find(reading))
            except Exception as error:
                # The error message may quote the text, which must not appear in any log or page.
                self._failing[number] = Problem(detector.name, detector.version, type(error).__name__)
                continue
            if detector.name == CLASSIFIER:
                opinions += judged
            else:
                signals += judged
                foreign |= number >= len(self._english) and bool(judged)
            self._failing.pop(number, None)
            worked.append(detector)
        return Findings(
            reading.language,
            (*signals, *_told(opinions, signals, foreign=foreign or reading.language != "english")),
            tuple(c for c in CATEGORIES if not self._judged(c, reading.language, worked)),
        )

    def _judged(self, category: Category, language: Language, worked: Sequence[Detector]) -> bool:
        """A category needs a detector of the text's language, if there is one. A classifier never blocks alone, so a category
        covered by other detectors needs one of those."""
        own = [d for d in self._foreign.get(language, ()) if category in d.categories]
        guards = own or [d for d in self._english if category in d.categories and d.name != CLASSIFIER]
        return any(category in d.categories and (not guards or d in guards) for d in worked)

    def rules(self) -> dict[str, Category]:
        """Every rule that a signal may name, with its category."""
        return {rule: category for detector in self.detectors for rule, category in detector.rules.items()}

    def problems(self) -> tuple[Problem, ...]:
        """Detectors that failed on their last text or could not be built, for `/readyz`."""
        return self._lasting + tuple(problem for _, problem in sorted(self._failing.items()))


def _told(opinions: Sequence[Signal], found: Sequence[Signal], *, foreign: bool) -> Iterable[Signal]:
    """The classifier's scores from LEAST on. The lower ones of graver categories, too, if they are a second opinion on what rules
    found: then it has read the text and says how little it finds.

    INVARIANT: a lower score is told only if the classifier understands the text and judges every category found. It has learned
    English only.
    """
    categories = {signal.category for signal in found}
    asked = not foreign and categories & _DOUBTED and categories <= {signal.category for signal in opinions}
    return (s for s in opinions if s.score >= LEAST or (asked and s.category in _DOUBTED))
