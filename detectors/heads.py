"""Our own linear heads on the network's features and, if that helps, on hashed word groups. `ml/training/` fits them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

BUCKETS = 2**16
GROUP = 3
"""The most words in a group."""


@dataclass(frozen=True)
class Head:
    """`groups` has a small integer per bucket, in units of `step`; it is empty for a head that uses features only."""

    features: Array
    groups: NDArray[np.int8]
    step: float
    offset: float


@dataclass(frozen=True)
class Heads:
    version: str
    heads: Mapping[str, Head]

    @classmethod
    def load(cls, path: Path) -> Heads:
        with np.load(path, allow_pickle=False) as stored:
            names: list[str] = [str(name) for name in stored["names"]]
            heads = {
                name: Head(
                    features=stored[f"{name}.features"],
                    groups=stored[f"{name}.groups"],
                    step=float(stored[f"{name}.step"]),
                    offset=float(stored[f"{name}.offset"]),
                )
                for name in names
            }
            return cls(version=str(stored["version"]), heads=heads)

    def save(self, path: Path) -> None:
        stored: dict[str, NDArray[np.generic]] = {
            "version": np.array(self.version),
            "names": np.array(list(self.heads)),
        }
        for name, head in self.heads.items():
            stored |= {
                f"{name}.features": head.features,
                f"{name}.groups": head.groups,
                f"{name}.step": np.array(head.step),
                f"{name}.offset": np.array(head.offset),
            }
        np.savez_compressed(path, **stored)  # type: ignore[arg-type]  # numpy's stub takes `**` for `allow_pickle` too

    def score(self, features: Array, texts: Sequence[tuple[str, ...]]) -> dict[str, Array]:
        """Uncalibrated log-odds, one per window."""
        odds = {}
        for name, head in self.heads.items():
            scores = features @ head.features + head.offset
            if head.groups.size:
                scores = scores + np.array([_grouped(head, words) for words in texts], dtype=np.float32)
            odds[name] = scores
        return odds


def _grouped(head: Head, words: tuple[str, ...]) -> float:
    """The score of the word groups, normalized by length: ten distinct groups weigh as much as a hundred."""
    buckets = word_groups(words)
    return head.step * int(head.groups[buckets].sum(dtype=np.int64)) / sqrt(max(1, len(buckets)))


def word_groups(words: Iterable[str]) -> list[int]:
    """The sorted, distinct buckets of all runs of one, two and three words."""
    buckets: set[int] = set()
    running: list[int] = []
    for word in words:
        letters = _letters(word)
        if letters:
            running = [crc32(letters[1:]), *(crc32(letters, before) for before in running[: GROUP - 1])]
            buckets.update(running)
    return sorted({bucket % BUCKETS for bucket in buckets})


@lru_cache(maxsize=20_000)
def _letters(word: str) -> bytes:
    """The word's letters after a space, or an empty string if it has none."""
    kept = "".join(letter for letter in word if "a" <= letter <= "z" or letter == "'")
    return f" {kept}".encode() if kept else b""
