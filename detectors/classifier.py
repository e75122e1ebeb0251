"""The classifier detector: a model's heads, calibrated. It names no words, so that its signals span the whole text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detectors.calibration import BadCalibration, Calibration, load_calibration, uncalibrated
from detectors.detoxify_model import DetoxifyModel
from detectors.message import Message
from detectors.model import Model
from detectors.signal import Category, Signal
from detectors.toxlstm import WEIGHTS, Toxlstm


class Classifier:
    """Reads a message as it was written and normalized, and believes the worse."""

    name = "classifier"

    def __init__(self, model: Model, calibration: Calibration) -> None:
        missing = sorted(model.heads.keys() - calibration.curves.keys())
        if missing:
            raise BadCalibration(f"`{missing[0]}` has no curve; calibrate the model again")
        self.model = model
        self.calibration = calibration
        self.version = calibration.version
        self.categories: frozenset[Category] = frozenset(model.heads.values())

    def find(self, message: Message) -> Iterator[Signal]:
        self._demand_same_model()
        texts = list(dict.fromkeys((message.original, message.normalized)))
        scored = self.model.score(texts)
        for head, category in self.model.heads.items():
            raw = max(scores[head] for scores in scored)
            yield Signal(
                category=category,
                score=self.calibration.score(head, raw),
                start=0,
                end=len(message.original),
                detector="classifier",
                version=self.version,
                rule=head,
            )

    def _demand_same_model(self) -> None:
        """Only now, since asking a model for its version loads it."""
        if self.model.version != self.calibration.model:
            raise BadCalibration(
                f"the calibration is of `{self.calibration.model}`, the model is `{self.model.version}`"
            )


def load_detoxify(folder: Path, checksum: str, calibration: Path | None) -> Classifier:
    """The one of the extra `detoxify`. Without a calibration, which only its owner can make, scores are its own."""
    model = DetoxifyModel(folder, checksum)
    fitted = load_calibration(calibration) if calibration else uncalibrated(model.version, model.heads)
    return Classifier(model, fitted)


def load_classifier(models: Path, weights: Path = WEIGHTS) -> Classifier:
    """The default one; `models` is the folder that `make models` fills, `weights` holds our heads and calibration."""
    return Classifier(Toxlstm(models / "toxlstm", weights), load_calibration(weights / "toxlstm.yaml"))
