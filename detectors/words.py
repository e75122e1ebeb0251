"""Tokenize as Keras does, and split into windows of the network's length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_SPACES = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " ") | {"’": "'"})

OVERLAP = 20
"""The number of words that adjacent windows share, so that each sentence is seen as a whole."""


def split_words(text: str) -> list[str]:
    return text.lower().translate(_SPACES).split()


def windows(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """The distinct windows. There is at least one, which may be empty."""
    starts = range(0, max(1, len(words) - OVERLAP), length - OVERLAP)
    return list(dict.fromkeys(tuple(words[start : start + length]) for start in starts))


def numbers(window: Sequence[str], vocabulary: Mapping[str, int], length: int) -> list[int]:
    """Drop unknown words and pad with zeros at the front, as in training."""
    known = [vocabulary[word] for word in window if word in vocabulary]
    return [0] * (length - len(known)) + known
