"""Whether a text is English: by its script, by the small words that every sentence of a language has, and by the shapes of the rest."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from detectors.signal import Language
from detectors.yaml_document import Items, Text, read_document

_WORDS: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST: Final = 400
"""Words looked at: more do not change what a text is."""
_FOREIGN_LETTERS: Final = 0.3
_DATA: Final = Path(__file__).with_name("function_words.yaml")


def language_of(original: str, normalized: str) -> Language:
    """`undetermined` where nothing speaks for one or the other, such as names, numbers and a word or two."""
    if _foreign_script(normalized):
        return "other"
    words = _WORDS.findall(normalized[: _MOST * 12])[:_MOST]
    lists = _lists()
    english = sum(word in lists["english"] for word in words)
    foreign = max(_evidence(words, list_) for name, list_ in lists.items() if name != "english")
    foreign += min(_accented_words(original), 3) * 0.5 if english * 4 < len(words) else 0.0
    if foreign >= 2 and foreign > english * 1.5:
        return "other"
    if foreign >= 1 and not english and len(words) >= 3:
        return "other"
    return "english" if english else "undetermined"


def _evidence(words: list[str], small_words: frozenset[str]) -> float:
    """Words that are English too, `die` and `a`, count a quarter."""
    english = _lists()["english"]
    return sum(0.25 if word in english else 1.0 for word in words if word in small_words)


def _foreign_script(text: str) -> bool:
    """After look-alikes are undone: English in Cyrillic dress has become Latin, Russian has not."""
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


@cache
def _lists() -> dict[str, frozenset[str]]:
    lists = {}
    for name, items in read_document(_DATA).values.items():
        assert isinstance(items, Items)
        lists[name] = frozenset(item.value for item in items.values if isinstance(item, Text))
    return lists
