"""The engine of an older commit, loaded into the same process, so that both builds alternate in one run."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workloads.workload import SHIPPED

COMMIT = "4af6b08"
"""The last build before decisions were compiled to one function."""
PACKAGES = ("engine", "documents")


@dataclass(frozen=True)
class Build:
    load_bundle: Callable[[Path], Any]
    parse_json: Callable[[bytes], Any]


def unpack(folder: Path, *paths: str) -> bool:
    """Unpack the older files, or everything, into a folder. False if this is not a git repository with that commit."""
    archive = ["git", "-C", str(SHIPPED.parent), "archive", COMMIT, *paths]
    packed = subprocess.run(archive, capture_output=True, check=False)
    if packed.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
            files.extractall(folder, filter="data")
    return packed.returncode == 0


def baseline() -> Build | None:
    """The older engine, or None if this is not a git repository with that commit."""
    with tempfile.TemporaryDirectory() as folder:
        return _imported(folder) if unpack(Path(folder), "engine") else None


def _imported(folder: str) -> Build:
    """Import the older modules beside the current ones, which are put back afterwards."""
    current = _taken_out()
    sys.path.insert(0, folder)
    try:
        from engine import load_bundle
        from engine.strict_json import parse_json  # type: ignore[import-not-found]

        return Build(load_bundle, parse_json)
    finally:
        sys.path.remove(folder)
        _taken_out()
        sys.modules.update(current)


def _taken_out() -> dict[str, Any]:
    names = [name for name in sys.modules if name.partition(".")[0] in PACKAGES]
    return {name: sys.modules.pop(name) for name in names}
