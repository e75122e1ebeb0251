"""The second model: three layers of a small encoder, converted by `make models`, with our own heads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnxruntime

from detectors.heads import Array, Heads
from detectors.model import Scores, read_pinned
from detectors.signal import Category
from detectors.wordpiece import Wordpiece

WEIGHTS = Path(__file__).parent / "weights"


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


class Encoder:
    """Loaded on first use. A text with several windows gets the highest score of any window."""

    heads: Mapping[str, Category] = {
        "encoder.threat": "threat",
        "encoder.violence": "violence",
        "encoder.hate": "hate",
        "encoder.abuse": "abuse",
    }

    def __init__(self, folder: Path, weights: Path = WEIGHTS) -> None:
        self._folder = folder
        self._weights = weights
        self._network: Network | None = None
        self._loading = Lock()

    @property
    def network(self) -> Network:
        """Loaded once, also if several threads ask at the same time."""
        with self._loading:
            if self._network is None:
                self._network = Network(self._folder)
            return self._network

    @cached_property
    def _heads(self) -> Heads:
        return Heads.load(self._weights / "encoder_heads.npz")

    @cached_property
    def version(self) -> str:
        return f"{self.network.version}+{self._heads.version}"

    def score(self, texts: Sequence[str]) -> list[Scores]:
        cut = [self.network.windows(text) for text in texts]
        different = list(dict.fromkeys(window for some in cut for window in some))
        rows = self._heads.score(self.network.run(different), [()] * len(different))
        place = {window: row for row, window in enumerate(different)}
        return [
            {
                f"encoder.{name}": float(max(row[place[window]] for window in some))
                for name, row in rows.items()
            }
            for some in cut
        ]
