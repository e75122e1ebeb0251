"""Words and their numbers as Keras' tokenizer has them, in windows of the length that the network reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_SPACES = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " ") | {"’": "'"})

OVERLAP = 20
"""Words that two windows share, so that no sentence is only seen cut in two."""


def split_words(text: str) -> list[str]:
    return text.lower().translate(_SPACES).split()


def windows(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """Each different window once, and at least one, however empty."""
    starts = range(0, max(1, len(words) - OVERLAP), length - OVERLAP)
    return list(dict.fromkeys(tuple(words[start : start + length]) for start in starts))


def numbers(window: Sequence[str], vocabulary: Mapping[str, int], length: int) -> list[int]:
    """Unknown words are left out, and zeros stand in front, as the network was trained."""
    known = [vocabulary[word] for word in window if word in vocabulary]
    return [0] * (length - len(known)) + known
