"""The first model: a network trained on the Jigsaw comments, converted by `make models`, with our own heads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from detectors.heads import Heads
from detectors.model import Scores, read_pinned
from detectors.signal import Category
from detectors.words import numbers, split_words, windows

Array = NDArray[np.float32]

LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
WEIGHTS = Path(__file__).parent / "weights"
BATCH = 64


class Network:
    """The converted network without our heads. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        pinned = json.loads((WEIGHTS / "toxlstm.json").read_text("utf-8"))
        self.version: str = pinned["version"]
        self.length: int = pinned["length"]
        files = {name: read_pinned(folder / name, checksum) for name, checksum in pinned["files"].items()}
        words: list[str] = json.loads(files["vocabulary.json"])
        self._vocabulary = {word: number for number, word in enumerate(words, start=1)}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            files["model.onnx"], options, providers=["CPUExecutionProvider"]
        )

    def run(self, batch: Sequence[tuple[str, ...]]) -> tuple[Array, Array]:
        """The six scores and the features of each window. The last six features are the log-odds of the scores."""
        batches = [self._run(batch[start : start + BATCH]) for start in range(0, len(batch), BATCH)]
        scores, features = zip(*batches, strict=True)
        return np.concatenate(scores), np.concatenate(features)

    def _run(self, batch: Sequence[tuple[str, ...]]) -> tuple[Array, Array]:
        rows = [numbers(window, self._vocabulary, self.length) for window in batch]
        scores, features = self._session.run(
            ["scores", "features"], {"words": np.array(rows, dtype=np.int64)}
        )
        return scores, features


class Toxlstm:
    """Loaded on first use. A text with several windows gets the highest score of any window."""

    heads: Mapping[str, Category] = {
        "toxlstm.threat": "threat",
        "toxlstm.insult": "insult",
        "toxlstm.obscene": "profanity",
        "heads.threat": "threat",
        "heads.coercion": "threat",
    }
    # `identity_hate` is left out: it reads every second neutral mention of a group as hate. `toxic` and `severe_toxic`
    # do not match any of our categories.

    def __init__(self, folder: Path, weights: Path = WEIGHTS) -> None:
        self._folder = folder
        self._weights = weights
        self._network: Network | None = None
        self._loading = Lock()

    @property
    def network(self) -> Network:
        """Loaded once, also if several threads ask at the same time: since Python 3.12 `cached_property` does not see to that."""
        with self._loading:
            if self._network is None:
                self._network = Network(self._folder)
            return self._network

    @cached_property
    def _heads(self) -> Heads:
        return Heads.load(self._weights / "heads.npz")

    @cached_property
    def version(self) -> str:
        return f"{self.network.version}+{self._heads.version}"

    def score(self, texts: Sequence[str]) -> list[Scores]:
        cut = [windows(split_words(text), self.network.length) for text in texts]
        different = list(dict.fromkeys(window for some in cut for window in some))
        _, features = self.network.run(different)
        rows = {f"toxlstm.{label}": features[:, column - len(LABELS)] for column, label in enumerate(LABELS)}
        rows |= {f"heads.{name}": row for name, row in self._heads.score(features, different).items()}
        place = {window: row for row, window in enumerate(different)}
        return [
            {head: float(max(rows[head][place[window]] for window in some)) for head in self.heads}
            for some in cut
        ]
