"""Normalize a text: resolve look-alike characters and disguised words, keeping track of each character's origin."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Final

from detectors.confusables import LOOKALIKES
from detectors.disguises import disguised_words
from detectors.edit import Edit
from detectors.message import Message
from detectors.spelled_out import spelled_out

PASSES: Final[dict[str, Callable[[str, frozenset[str]], Sequence[Edit]]]] = {
    "spelled": spelled_out,
    "disguised": disguised_words,
}
MAX_LENGTH: Final = 20_000
_DROPPED: Final = {"Mn", "Me", "Cf", "Cc"}


class TextTooLong(ValueError):
    """The text is too long to judge."""


def normalize(text: str, known: frozenset[str] = frozenset(), passes: Collection[str] = PASSES) -> Message:
    """Return the text in lower case. The `passes` undo a disguise if that gives one of the `known` words.

    Raises TextTooLong for more than MAX_LENGTH characters, counted both before and after compatibility decomposition.
    """
    if len(text) > MAX_LENGTH:
        raise TextTooLong(f"a text has at most {MAX_LENGTH} characters")
    folded, origins = _folded(text)
    if known:
        for name, undo in PASSES.items():
            if name in passes and (edits := undo(folded, known)):
                folded, origins = edited(folded, origins, edits)
    origins.append(len(text))
    return Message(original=text, normalized=folded, origins=tuple(origins))


def _folded(text: str) -> tuple[str, list[int]]:
    if text.isascii() and text.isprintable():
        return text.lower(), list(range(len(text)))
    pieces = [_fold(character) for character in text]
    folded = "".join(pieces)
    if len(folded) > MAX_LENGTH:
        raise TextTooLong(
            f"a text has at most {MAX_LENGTH} characters, ligatures counted as what they stand for"
        )
    if len(folded) == len(pieces) and "" not in pieces:
        return folded, list(range(len(text)))
    return folded, [place for place, piece in enumerate(pieces) for _ in piece]


@lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    """One character as plain lower-case letters without diacritics; empty if it is invisible."""
    if character in "\n\r":
        return "\n"
    if character.isspace():
        return " "
    plain = LOOKALIKES.get(character) or unicodedata.normalize("NFKD", character)
    return "".join(
        LOOKALIKES.get(c, c).lower()[:1] for c in plain if c == " " or unicodedata.category(c) not in _DROPPED
    )


def edited(text: str, origins: list[int], edits: Sequence[Edit]) -> tuple[str, list[int]]:
    """Apply sorted, non-overlapping edits. Return the text and the origin of each of its characters."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for edit in edits:
        pieces += text[done : edit.start], edit.word
        places += origins[done : edit.start]
        places += [origins[place] for place in edit.places]
        done = edit.end
    return "".join([*pieces, text[done:]]), places + origins[done:]
