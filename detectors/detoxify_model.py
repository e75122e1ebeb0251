"""The model of the extra `detoxify`: its original code on a local checkpoint, which is validated as plain weights before it is
used.

`torch.load`, as detoxify calls it, executes code in a checkpoint, so it only ever gets a file that we have read safely and
written again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from math import inf
from pathlib import Path
from typing import Any

from detectors.calibration import log_odds
from detectors.model import ModelMissing, Scores
from detectors.signal import Category

HEADS: Mapping[str, Category] = {
    "threat": "threat",
    "identity_attack": "hate",
    "insult": "insult",
    "obscene": "profanity",
    "sexual_explicit": "sexual",
}
"""Violence, self-harm and abuse have no head. `toxicity` and `severe_toxicity` do not match any of our categories."""

KINDS = ("Bert", "Albert", "Roberta", "XLMRoberta")
"""The network classes that detoxify was published with; a checkpoint cannot name any other."""

CHECKPOINT = "model.ckpt"
OVERLAP = 10
"""The number of words that adjacent windows share."""

EDGE = 1e-6
"""Probabilities are limited to this distance from 0 and 1, so that their log-odds stay finite."""


class TooSlow(Exception):
    """The model did not answer in time; its categories count as not judged."""


class DetoxifyModel:
    """`folder` contains `model.ckpt` with the given SHA-256, and the network's config.json and tokenizer files.

    PyTorch uses one thread, since several slow one another down next to a web server. The length of a text bounds the number of
    windows. `limit`, in seconds, is only a deadline against hanging: scores must not depend on how busy the server is.
    """

    def __init__(self, folder: Path, checksum: str, limit: float = 30.0) -> None:
        torch, detoxify = _import("torch"), _import("detoxify")
        checkpoint = _read(folder / CHECKPOINT, checksum)
        self._limit = limit
        self._pool = ThreadPoolExecutor(1, "detoxify", lambda: torch.set_num_threads(1))
        self._detoxify: Any = detoxify.Detoxify(checkpoint=_vetted(torch, checkpoint, folder))
        _bound_length(self._detoxify)
        self.version = f"detoxify-{checksum[:8]}"
        self.heads: Mapping[str, Category] = {
            f"detoxify.{name}": HEADS[name] for name in self._detoxify.class_names if name in HEADS
        }

    def score(self, texts: Sequence[str]) -> list[Scores]:
        waiting = self._pool.submit(self._score, list(texts))
        try:
            return waiting.result(self._limit)
        except TimeoutError:
            waiting.cancel()
            raise TooSlow(f"no answer within {self._limit} s") from None

    def _score(self, texts: list[str]) -> list[Scores]:
        return [self._worst(self._windows(text)) for text in texts]

    def _worst(self, windows: list[str]) -> Scores:
        worst = dict.fromkeys(self.heads, -inf)
        for window in windows:  # separately: a batch would pad all windows to the longest
            prediction = self._detoxify.predict(window)
            worst = {
                head: max(raw, _log_odds(prediction[head.partition(".")[2]])) for head, raw in worst.items()
            }
        return worst

    def _windows(self, text: str) -> list[str]:
        """Split the text into windows of as many words as the network can take. Only a single word longer than that is
        truncated."""
        tokenizer = self._detoxify.tokenizer
        room = tokenizer.model_max_length - tokenizer.num_special_tokens_to_add()
        words = text.split()
        sizes = [len(tokenizer.tokenize(f" {word}")) for word in words]
        pieces: list[str] = []
        start = end = 0
        while end < len(words) or not pieces:
            size = 0
            while end < len(words) and (size + sizes[end] <= room or end == start):
                size += sizes[end]
                end += 1
            pieces.append(" ".join(words[start:end]))
            if end < len(words):
                start = end = max(start + 1, end - OVERLAP)
        return list(dict.fromkeys(pieces))


def _import(name: str) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # must be set before transformers is imported
    try:
        return import_module(name)
    except ImportError as error:
        raise ModelMissing(f"`{name}` is not installed; install the extra `detoxify`") from error


def _read(path: Path, checksum: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelMissing(f"`{path}` is missing; put the checkpoint there") from None
    digest = sha256(content).hexdigest()
    if digest != checksum:
        raise ModelMissing(f"`{path}` has the SHA-256 `{digest}`, not `{checksum}`")
    return content


def _vetted(torch: Any, checkpoint: bytes, folder: Path) -> BytesIO:
    """The checkpoint, reduced to weights, names and numbers, with its configuration loaded from the folder."""
    try:
        loaded = torch.load(BytesIO(checkpoint), map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling can raise almost any exception
        raise ModelMissing(f"`{folder / CHECKPOINT}` holds more than weights, and is not loaded") from error
    try:
        arch = loaded["config"]["arch"]["args"]
        classes = [str(name) for name in loaded["config"]["dataset"]["args"]["classes"]]
        names, state = (arch["model_name"], arch["tokenizer_name"]), loaded["state_dict"]
    except (KeyError, TypeError) as error:
        raise ModelMissing(f"`{folder / CHECKPOINT}` is no checkpoint of detoxify's") from error
    allowed = {
        (f"{kind}ForSequenceClassification", f"{kind}Tokenizer{fast}")
        for kind in KINDS
        for fast in ("", "Fast")
    }
    if names not in allowed:
        raise ModelMissing(f"`{folder / CHECKPOINT}` asks for `{names[0]}` and `{names[1]}`")
    for name in ("config.json", "tokenizer_config.json"):
        if not (folder / name).exists():
            raise ModelMissing(
                f"`{folder / name}` is missing; it comes with the network that the checkpoint is of"
            )
    rewritten = BytesIO()
    local = {
        "model_type": str(folder),
        "num_classes": len(classes),
        "model_name": names[0],
        "tokenizer_name": names[1],
    }
    torch.save(
        {"config": {"arch": {"args": local}, "dataset": {"args": {"classes": classes}}}, "state_dict": state},
        rewritten,
    )
    rewritten.seek(0)
    return rewritten


def _bound_length(detoxify: Any) -> None:
    """Set the tokenizer's maximum length. Without it, nothing is truncated and the network fails past its last position."""
    last = detoxify.model.config.max_position_embeddings - 2
    detoxify.tokenizer.model_max_length = min(detoxify.tokenizer.model_max_length, last)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, EDGE), 1 - EDGE)
    return log_odds(kept)
