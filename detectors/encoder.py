"""The second model: a small encoder, converted by `make models`, with our own heads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from detectors.model import read_pinned
from detectors.signal import Category
from detectors.windowed import WEIGHTS, Array, Windowed
from detectors.wordpiece import Wordpiece


class Network:
    """The converted encoder without our heads. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        pinned = json.loads((WEIGHTS / "encoder.json").read_text("utf-8"))
        self.version: str = pinned["version"]
        self.length: int = pinned["length"]
        files = {name: read_pinned(folder / name, checksum) for name, checksum in pinned["files"].items()}
        self._wordpiece = Wordpiece(json.loads(files["vocabulary.json"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            files["model.onnx"], options, providers=["CPUExecutionProvider"]
        )

    def windows(self, text: str) -> list[tuple[int, ...]]:
        return self._wordpiece.windows(text, self.length)

    def run(self, windows: Sequence[tuple[int, ...]]) -> Array:
        """The features of each window. Each runs alone: its small integers would depend on the others in a batch."""
        rows = [self._session.run(None, {"pieces": np.array([window], np.int64)})[0] for window in windows]
        return np.concatenate(rows)


class Encoder(Windowed[Network, tuple[int, ...]]):
    heads: Mapping[str, Category] = {
        "encoder.threat": "threat",
        "encoder.menace": "threat",
        "encoder.violence": "violence",
        "encoder.hate": "hate",
        "encoder.abuse": "abuse",
        "encoder.sexual": "sexual",
        "encoder.self_harm": "self_harm",
        "encoder.spam": "spam",
    }

    trained = "encoder_heads.npz"

    def load(self, folder: Path) -> Network:
        return Network(folder)

    def windows(self, text: str) -> list[tuple[int, ...]]:
        return self.network.windows(text)

    def rows(self, different: Sequence[tuple[int, ...]]) -> dict[str, Array]:
        scores = self.own_heads.score(self.network.run(different), [()] * len(different))
        return {f"encoder.{name}": row for name, row in scores.items()}
