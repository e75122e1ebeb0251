"""The first model: a network trained on the Jigsaw comments, converted by `make models`, with our own heads."""

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
from detectors.words import numbers, split_words, windows

LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
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


class Toxlstm(Windowed[Network, tuple[str, ...]]):
    heads: Mapping[str, Category] = {
        "toxlstm.threat": "threat",
        "toxlstm.insult": "insult",
        "toxlstm.obscene": "profanity",
        "heads.threat": "threat",
    }
    # `identity_hate` is left out: it reads every second neutral mention of a group as hate. `toxic` and `severe_toxic`
    # do not match any of our categories.

    trained = "heads.npz"

    def load(self, folder: Path) -> Network:
        return Network(folder)

    def windows(self, text: str) -> list[tuple[str, ...]]:
        return windows(split_words(text), self.network.length)

    def rows(self, different: Sequence[tuple[str, ...]]) -> dict[str, Array]:
        _, features = self.network.run(different)
        rows = {f"toxlstm.{label}": features[:, column - len(LABELS)] for column, label in enumerate(LABELS)}
        return rows | {
            f"heads.{name}": row for name, row in self.own_heads.score(features, different).items()
        }
