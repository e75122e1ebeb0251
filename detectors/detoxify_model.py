"""The model of the extra `detoxify`: its real code on a local checkpoint, which is read as plain weights before it is trusted.

`torch.load` as detoxify calls it runs whatever a checkpoint says, so it only ever gets one that we have read and written anew.
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
"""Violence, self-harm and abuse have no head; `toxicity` and `severe_toxicity` name no category of ours."""

KINDS = ("Bert", "Albert", "Roberta", "XLMRoberta")
"""The networks that detoxify was published with; a checkpoint may name no other class."""

CHECKPOINT = "model.ckpt"
OVERLAP = 10
"""Words that two windows share."""

EDGE = 1e-6
"""How near to 0 and 1 a probability may come, so that its log-odds stay finite."""


class TooSlow(Exception):
    """The model did not answer in time; its categories count as not judged."""


class DetoxifyModel:
    """`folder` holds `model.ckpt` with the given SHA-256, and the files config.json and tokenizer of its network.

    One thread of PyTorch's, since more of them make one another slower beside a web server. What takes longer than `limit`
    seconds is given up.
    """

    def __init__(self, folder: Path, checksum: str, limit: float = 2.0) -> None:
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
        for window in windows:  # one by one: a batch would pad them all to the longest
            prediction = self._detoxify.predict(window)
            worst = {
                head: max(raw, _log_odds(prediction[head.partition(".")[2]])) for head, raw in worst.items()
            }
        return worst

    def _windows(self, text: str) -> list[str]:
        """As many words each as the network has room for; only a single word longer than that is cut off."""
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
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported
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
    """The checkpoint with nothing in it but weights, names and numbers, looking for its configuration in the folder."""
    try:
        loaded = torch.load(BytesIO(checkpoint), map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling fails in many ways
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
    """Without a length of its own the tokenizer cuts nothing, and the network fails at its last position."""
    last = detoxify.model.config.max_position_embeddings - 2
    detoxify.tokenizer.model_max_length = min(detoxify.tokenizer.model_max_length, last)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, EDGE), 1 - EDGE)
    return log_odds(kept)
