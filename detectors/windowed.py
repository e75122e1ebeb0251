"""What both networks share: they are loaded on first use, read a text in windows, and have heads of our own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import ClassVar, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from detectors.heads import Heads
from detectors.model import Scores
from detectors.signal import Category

Array = NDArray[np.float32]
WEIGHTS = Path(__file__).parent / "weights"


class Versioned(Protocol):
    version: str


Loaded = TypeVar("Loaded", bound=Versioned)
Window = TypeVar("Window", tuple[str, ...], tuple[int, ...])


class Windowed(ABC, Generic[Loaded, Window]):
    """A text with several windows gets the highest score of any window."""

    heads: Mapping[str, Category]
    trained: ClassVar[str]
    """The file of our heads."""

    def __init__(self, folder: Path, weights: Path = WEIGHTS) -> None:
        self._folder = folder
        self._weights = weights
        self._network: Loaded | None = None
        self._loading = Lock()

    @abstractmethod
    def load(self, folder: Path) -> Loaded: ...

    @abstractmethod
    def windows(self, text: str) -> Sequence[Window]: ...

    @abstractmethod
    def rows(self, different: Sequence[Window]) -> Mapping[str, Array]:
        """The scores of the windows, by head."""

    @property
    def network(self) -> Loaded:
        """Loaded once, also if several threads ask at the same time: since Python 3.12 `cached_property` does not see to that."""
        with self._loading:
            if self._network is None:
                self._network = self.load(self._folder)
            return self._network

    @cached_property
    def own_heads(self) -> Heads:
        return Heads.load(self._weights / self.trained)

    @cached_property
    def version(self) -> str:
        return f"{self.network.version}+{self.own_heads.version}"

    def score(self, texts: Sequence[str]) -> list[Scores]:
        cut = [self.windows(text) for text in texts]
        different = list(dict.fromkeys(window for some in cut for window in some))
        rows = self.rows(different)
        place = {window: row for row, window in enumerate(different)}
        return [
            {head: float(max(rows[head][place[window]] for window in some)) for head in self.heads}
            for some in cut
        ]
