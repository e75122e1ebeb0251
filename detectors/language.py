"""Tell whether a text is English, by its script and its function words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from detectors.function_words import function_words
from detectors.signal import Language

_WORDS: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST: Final = 400
"""The maximum number of words to examine."""
_FOREIGN_LETTERS: Final = 0.3
_NO_PROSE: Final = ("://", "www.", "@", "#", "&", "_")


def language_of(original: str, normalized: str) -> Language:
    """`undetermined` if there is no evidence, as in names, numbers, or only one or two words."""
    if _foreign_script(normalized):
        return "other"
    words = _WORDS.findall(_prose(normalized[: _MOST * 12]))[:_MOST]
    lists = function_words()
    english = sum(word in lists["english"] for word in words)
    foreign = max(_evidence(words, list_) for name, list_ in lists.items() if name != "english")
    foreign += min(_accented_words(original), 3) * 0.5 if english * 4 < len(words) else 0.0
    if foreign >= 2 and foreign > english * 1.5:
        return "other"
    if foreign >= 1 and not english and len(words) >= 3:
        return "other"
    return "english" if english else "undetermined"


def _prose(text: str) -> str:
    """Drop links, addresses, tags and entities, which belong to no language."""
    return " ".join(word for word in text.split() if not any(mark in word for mark in _NO_PROSE))


def _evidence(words: list[str], small_words: frozenset[str]) -> float:
    """Count function words. Those that English shares, such as `die` and `a`, count a quarter."""
    english = function_words()["english"]
    return sum(0.25 if word in english else 1.0 for word in words if word in small_words)


def _foreign_script(text: str) -> bool:
    """Call this after look-alikes are resolved: English in Cyrillic look-alikes is Latin by then, but Russian is not."""
    if text.isascii():
        return False
    letters = [character for character in text[: _MOST * 12] if character.isalpha()]
    foreign = sum(not _latin(character) for character in letters)
    return foreign >= 2 and foreign > len(letters) * _FOREIGN_LETTERS


@lru_cache(maxsize=4096)
def _latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def _accented_words(text: str) -> int:
    if text.isascii():
        return 0
    return sum(
        any(c.isalpha() and not c.isascii() and _latin(c) for c in word) for word in text.split()[:_MOST]
    )
