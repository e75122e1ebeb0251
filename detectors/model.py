"""The interface of models: raw scores of texts, by head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from detectors.signal import Category

Scores = Mapping[str, float]
"""Head to log-odds, not comparable between heads before calibration."""


class Model(Protocol):
    """`heads` maps each head to its category."""

    heads: Mapping[str, Category]

    @property
    def version(self) -> str: ...

    def score(self, texts: Sequence[str]) -> list[Scores]: ...


class ModelMissing(Exception):
    """A file or package of the model is missing or unexpected; the message says which, and what to do."""


def read_pinned(path: Path, checksum: str) -> bytes:
    """Raises ModelMissing."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelMissing(f"`{path}` is missing; `make models` makes it") from None
    if sha256(content).hexdigest() != checksum:
        raise ModelMissing(f"`{path}` is not the pinned file; remove it, and `make models` makes it again")
    return content
