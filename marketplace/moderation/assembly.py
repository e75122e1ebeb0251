"""Builds the detectors according to the settings."""

from collections.abc import Sequence
from pathlib import Path

from detectors.calibration import BadCalibration
from detectors.classifier import Classifier, load_classifier, load_detoxify
from detectors.model import ModelMissing
from detectors.pipeline import Pipeline, Problem
from detectors.standard import standard


def assemble(*, policies: Path, lexicon: str, classifier: str, models: Path, checkpoint: str) -> Pipeline:
    """The lexicon is next to the policies that use its categories. `models` holds the classifiers' files, and `checkpoint` is
    the required SHA-256 of detoxify's. A classifier that fails to load is reported as a problem."""
    classifiers, problems = _load(classifier, models, checkpoint)
    return standard(
        policies / "lexicon",
        classifiers,
        original_profanity=lexicon == "better-profanity",
        problems=problems,
    )


def _load(name: str, models: Path, checkpoint: str) -> tuple[Sequence[Classifier], Sequence[Problem]]:
    if name == "none":
        return (), ()
    try:
        loaded = load_classifier(models) if name == "bilstm" else _detoxify(models / "detoxify", checkpoint)
        loaded.check()
    except (ModelMissing, BadCalibration) as error:
        return (), (Problem("classifier", name, str(error)),)
    return (loaded,), ()


def _detoxify(folder: Path, checkpoint: str) -> Classifier:
    calibration = folder / "calibration.yaml"
    return load_detoxify(folder, checkpoint, calibration if calibration.exists() else None)
