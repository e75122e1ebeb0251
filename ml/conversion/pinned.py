"""Write converted files whose checksums are pinned in `detectors/weights/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

WEIGHTS = Path(__file__).parents[2] / "detectors" / "weights"


def write_pinned(model: str, files: Mapping[str, bytes], folder: Path) -> None:
    """Exits if they are not the pinned ones."""
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    pinned = json.loads((WEIGHTS / f"{model}.json").read_text("utf-8"))["files"]
    if digests != pinned:
        sys.exit(f"the converted files are not the pinned ones\n  found:  {digests}\n  pinned: {pinned}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
