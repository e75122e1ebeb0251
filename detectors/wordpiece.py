"""Cut a text into the word pieces of an uncased BERT vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

OVERLAP: Final = 16
"""The number of pieces that adjacent windows share."""

_LONGEST: Final = 40
"""A longer word is unknown as a whole, so that its cutting stays cheap."""

_PLACES: Final = re.compile(r"https?://\S+|www\.\S+|@\w+|&#\d+;|&\w+;|\[(?:user|url)\]|\brt\b", re.IGNORECASE)
"""Links, names of accounts and what is left of markup: they say where a text is from, and not what it says."""

_TYPOGRAPHIC: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})
"""Marks that phones put for plain ones. Read as those, a text is the same before and after normalizing, and is read once."""

_CJK: Final = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


class Wordpiece:
    """Thread-safe."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers: Mapping[str, int] = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._numbers["[UNK]"]
        self._first, self._last = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._cut = lru_cache(maxsize=20_000)(self._cut_word)

    def windows(self, text: str, length: int) -> list[tuple[int, ...]]:
        """The distinct windows of at most `length` pieces, each between the marks of its start and end."""
        pieces = [piece for word in _words(_PLACES.sub(" ", text)) for piece in self._cut(word)]
        inside = length - 2
        starts = range(0, max(1, len(pieces) - OVERLAP), inside - OVERLAP)
        cut = ((self._first, *pieces[start : start + inside], self._last) for start in starts)
        return list(dict.fromkeys(cut))

    def _cut_word(self, word: str) -> tuple[int, ...]:
        """The longest pieces from the left. A word with a part that is in no piece is unknown as a whole."""
        if len(word) > _LONGEST:
            return (self._unknown,)
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._numbers.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if number is not None:
                    break
            else:
                return (self._unknown,)
            pieces.append(number)
            start = end
        return tuple(pieces)


def _words(text: str) -> Iterator[str]:
    """Lower-case words without accents. Each punctuation mark and Chinese character is a word."""
    letters = unicodedata.normalize("NFD", text.lower().translate(_TYPOGRAPHIC))
    plain = "".join(c for c in letters if unicodedata.category(c) != "Mn")
    for part in plain.split():
        word = ""
        for character in part:
            if _is_alone(character):
                if word:
                    yield word
                yield character
                word = ""
            elif _is_text(character):
                word += character
        if word:
            yield word


@lru_cache(maxsize=4096)
def _is_alone(character: str) -> bool:
    code = ord(character)
    if code < 128:
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character).startswith("P") or any(low <= code <= high for low, high in _CJK)


@lru_cache(maxsize=4096)
def _is_text(character: str) -> bool:
    """Control and format characters are no text."""
    return not unicodedata.category(character).startswith("C")
