"""The classifier detector: the calibrated heads of a model. It does not locate words, so its signals span the whole text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detectors.calibration import BadCalibration, Calibration, load_calibration, uncalibrated
from detectors.detoxify_model import DetoxifyModel
from detectors.message import Message
from detectors.model import Model
from detectors.signal import Category, Signal
from detectors.together import Together
from detectors.windowed import WEIGHTS

TRAINED = ("heads.npz", "encoder_heads.npz", "calibration.yaml")
"""What `make train` writes."""


class Classifier:
    """Score the message as written and as normalized, and keep the higher score. Scores are rounded to two places: the last
    digits depend on the kind of CPU, and must not decide."""

    name = "classifier"

    def __init__(self, model: Model, calibration: Calibration) -> None:
        missing = sorted(model.heads.keys() - calibration.curves.keys())
        if missing:
            raise BadCalibration(f"`{missing[0]}` has no curve; calibrate the model again")
        self.model = model
        self.calibration = calibration
        self.version = calibration.version
        self.categories: frozenset[Category] = frozenset(model.heads.values())
        self.rules = model.heads

    def find(self, message: Message) -> Iterator[Signal]:
        self.check()
        texts = list(dict.fromkeys((message.original, message.normalized)))
        scored = self.model.score(texts)
        for head, category in self.model.heads.items():
            raw = max(scores[head] for scores in scored)
            yield Signal(
                category=category,
                score=round(self.calibration.score(head, raw), 2),
                start=0,
                end=len(message.original),
                detector="classifier",
                version=self.version,
                rule=head,
            )

    def check(self) -> None:
        """Load the model and compare versions. Raises ModelMissing or BadCalibration."""
        if self.model.version != self.calibration.model:
            raise BadCalibration(
                f"the calibration is of `{self.calibration.model}`, the model is `{self.model.version}`"
            )


def load_detoxify(folder: Path, checksum: str, calibration: Path | None) -> Classifier:
    """Load the classifier of the extra `detoxify`. Without a calibration, its own probabilities are the scores."""
    model = DetoxifyModel(folder, checksum)
    fitted = load_calibration(calibration) if calibration else uncalibrated(model.version, model.heads)
    return Classifier(model, fitted)


def load_classifier(models: Path) -> Classifier:
    """The default classifier. `models` is filled by `make models`, and may contain the installation's own heads with their
    calibration, as `make train` writes them, and its own calibration."""
    weights = models if all((models / name).exists() for name in TRAINED) else WEIGHTS
    own = own_calibration(models)
    return _classifier(models, weights, own) if own.exists() else shipped_classifier(models, weights)


def shipped_classifier(models: Path, weights: Path = WEIGHTS) -> Classifier:
    """The default classifier with the shipped heads and calibration, from `weights`."""
    return _classifier(models, weights, weights / "calibration.yaml")


def _classifier(models: Path, weights: Path, calibration: Path) -> Classifier:
    return Classifier(Together(models, weights), load_calibration(calibration))


def own_calibration(models: Path) -> Path:
    """The path of the installation's own calibration, which may not exist."""
    return models / "own-calibration.yaml"
