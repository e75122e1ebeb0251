"""Tell what language a text is in, by its script and its function words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final

from detectors.function_words import function_words
from detectors.signal import FOREIGN, Language

SPELLED_OUT: Final = re.compile(r"(?<![\w'])[^\W\d_](?: [^\W\d_](?![\w']))+")
"""Letters in a row, as in `i d i o t`, are no small words of any language."""
_WORDS: Final = re.compile(r"(?:[cdjlmnst]|qu)'(?=[aeiouhy])|[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST: Final = 400
"""The maximum number of words to examine."""
_SHARED: Final = 0.25
"""The weight of a word that is English and also foreign, such as `a`, `will` and `die`."""
_FOREIGN_LETTERS: Final = 0.3
_NO_PROSE: Final = ("://", "www.", "@", "#", "&", "_")

LANGUAGES: Final = tuple(dict.fromkeys(("english", *FOREIGN, *function_words())))
"""Those whose function words are known. On a tie, one that has rules comes first."""


def language_of(original: str, normalized: str) -> Language:
    """`undetermined` if there is no evidence, as in names, numbers, or only one or two words."""
    if _foreign_script(normalized):
        return "other"
    words = _words(normalized)
    evidence = _evidence(words)
    english = evidence.pop("english")
    name, foreign = max(evidence.items(), key=lambda item: item[1])
    foreign += min(_accented_words(original), 3) * 0.5 if english * 4 < len(words) else 0.0
    lists = function_words()
    only_english = any(word in lists["english"] and word not in lists[name] for word in words)
    if foreign > english * 1.5 and (foreign >= 2 or (foreign >= 1 and not only_english and len(words) >= 3)):
        return next((language for language in FOREIGN if language == name), "other")
    return "english" if english else "undetermined"


def evidence_of(normalized: str) -> dict[str, float]:
    """The weight of the function words of each language in a part of a text."""
    return _evidence(_words(normalized))


def _words(normalized: str) -> list[str]:
    return _WORDS.findall(SPELLED_OUT.sub(" ", _prose(normalized[: _MOST * 12])))[:_MOST]


def _prose(text: str) -> str:
    """Drop links, addresses, tags and entities, which belong to no language."""
    if not any(mark in text for mark in _NO_PROSE):
        return text
    return " ".join(word for word in text.split() if not any(mark in word for mark in _NO_PROSE))


def _evidence(words: Iterable[str]) -> dict[str, float]:
    """The weight of the function words of each language."""
    languages = _languages()
    evidence = dict.fromkeys(LANGUAGES, 0.0)
    for word in words:
        of = languages.get(word, ())
        weight = _SHARED if "english" in of and len(of) > 1 else 1.0
        for language in of:
            evidence[language] += weight
    return evidence


@cache
def _languages() -> Mapping[str, tuple[str, ...]]:
    """Every function word, with the languages that have it."""
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in function_words().items():
        for word in words:
            languages[word] = (*languages.get(word, ()), language)
    return languages


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
