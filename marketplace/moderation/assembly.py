"""Putting the detectors together as the settings say."""

from collections.abc import Sequence
from pathlib import Path

from detectors.detector import Detector
from detectors.pipeline import Pipeline, Problem
from detectors.standard import standard


def assemble(*, policies: Path, lexicon: str, classifier: str, models: Path) -> Pipeline:
    """The lexicon lies beside the policies that speak of its categories; `models` holds the classifiers' files."""
    classifiers, problems = _find_classifiers(classifier, models)
    return standard(
        policies / "lexicon",
        classifiers,
        original_profanity=lexicon == "better-profanity",
        problems=problems,
    )


def _find_classifiers(name: str, models: Path) -> tuple[Sequence[Detector], Sequence[Problem]]:
    if name == "none":
        return (), ()
    return (), (Problem("classifier", name, f"there is no such model in {models.name}"),)
