"""What the classifier asks of a model: raw scores of texts, each head of the model for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from detectors.signal import Category

Scores = Mapping[str, float]
"""Head to log-odds. Those of different heads do not compare; a calibration makes them comparable."""


class Model(Protocol):
    """`heads` says which category each head speaks of."""

    heads: Mapping[str, Category]

    @property
    def version(self) -> str: ...

    def score(self, texts: Sequence[str]) -> list[Scores]: ...


class ModelMissing(Exception):
    """A file or package of the model is absent, or not the expected one; the message says which, and what to do."""
