"""python -m ml.conversion WHEEL FOLDER: convert the model, vocabulary and license, and verify the pinned checksums."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

from ml.conversion.keras_weights import read_weights
from ml.conversion.onnx_graph import build_graph
from ml.conversion.pinned import WEIGHTS as PINNED
from ml.conversion.pinned import write_pinned
from ml.conversion.unpickle import read_word_index

WEIGHTS = "tox_block/trained_models/lstm_model_0.1.2.h5"
TOKENIZER = "tox_block/trained_models/encoder_0.1.2.pkl"
LICENSE = "tox_block-0.1.2.dist-info/LICENSE"


def convert(wheel: Path) -> dict[str, bytes]:
    """Map file names to contents, which are reproducible with the locked packages."""
    with zipfile.ZipFile(wheel) as archive:
        weights = read_weights(archive.read(WEIGHTS))
        words = read_word_index(archive.read(TOKENIZER), weights.embedding.shape[0])
        license_text = archive.read(LICENSE)
    pinned = json.loads((PINNED / "toxlstm.json").read_text("utf-8"))
    by_number = sorted(words, key=words.__getitem__)
    return {
        "model.onnx": build_graph(weights, pinned["length"]),
        "vocabulary.json": json.dumps(by_number, ensure_ascii=False).encode(),
        "LICENSE": license_text,
    }


if __name__ == "__main__":
    write_pinned("toxlstm", convert(Path(sys.argv[1])), Path(sys.argv[2]))
