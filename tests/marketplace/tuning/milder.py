"""Another version of the test detector."""

from dataclasses import dataclass, replace
from pathlib import Path

from detectors.pipeline import Problem
from detectors.signal import Findings
from tests.marketplace.moderation.words import Version, Words


@dataclass(frozen=True)
class Milder(Words):
    """Scores 0.45 less, and finds nothing below 0.1."""

    detectors: tuple[Version, ...] = (Version(version="words.2"),)

    def examine(self, text: str) -> Findings:
        found = super().examine(text)
        lower = [replace(s, score=round(s.score - 0.45, 2), version="words.2") for s in found.signals]
        return replace(found, signals=tuple(each for each in lower if each.score >= 0.1))


def by_folder(*, models: Path, policies: Path, classifier: str, **_: object) -> Words:
    """Which of the two, as an installation builds them."""
    if models.name == "broken":
        return Words(troubles=(Problem("classifier", "1", f"`{models.name}` has no model"),))
    return Milder() if "milder" in (models.name, policies.name) or classifier == "detoxify" else Words()
