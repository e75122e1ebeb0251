"""The interface of models: raw scores of texts, by head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
