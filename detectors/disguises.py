"""Words in disguise, and which known word each hides: `k1ll`, `f*ck`, `kiiill`, `k ill`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from detectors.confusables import LEET
from detectors.edit import Edit

# INVARIANT: no pattern here can match one stretch of text in two ways, so that `re` never backtracks further than one step.
_SUSPECT: Final = re.compile(
    r"([a-z])\1\1|[a-z][0-9@$!|+€(£¥*#_%.\-]+[a-z]|[0-9@$|+€(£¥][a-z]|[a-z]\*|[a-z]\$|[a-z][0-9]"
)
_TOKEN: Final = re.compile(r"\S+")
_RUN: Final = re.compile(r"([a-z])\1*")
_PARTS: Final = re.compile(r"[a-z]+")
_MASKS: Final = str.maketrans("#_%", "***")
_LONGEST: Final = 14
_EDGES: Final = "\"'.,;:?!()[]{}<>~"


def disguised_words(text: str, known: frozenset[str]) -> list[Edit]:
    """Words with digits, marks or masks for letters, stretched ones, and ones with a gap in them."""
    edits: list[Edit] = []
    if _SUSPECT.search(text):
        for token in _TOKEN.finditer(text):
            if _SUSPECT.search(token.group()) and (edit := _undone(token.group(), token.start(), known)):
                edits.append(edit)
    return sorted([*edits, *_with_gaps(text, known, {e.start for e in edits})], key=lambda edit: edit.start)


def _undone(token: str, start: int, known: frozenset[str]) -> Edit | None:
    left = len(token) - len(token.lstrip(_EDGES))
    core = token.strip(_EDGES)
    if not 3 <= len(core) <= 40 or core in known or core.isdecimal():
        return None
    start += left
    for undo in (_plain, _unmasked, _squeezed):
        if found := undo(core, known):
            word, places = found
            return Edit(start, start + len(core), word, [start + place for place in places])
    return None


def _plain(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    """`k1ll` and `a$$hole`, also stretched; and `f.u.ck`, where nothing but the marks is wrong."""
    for one in "il":
        word = "".join(one if c == "1" else LEET.get(c, c) for c in core)
        if word in known:
            return word, range(len(core))
        if word.isalpha() and (found := _squeezed(word, known)):
            return found
    places = [place for place, c in enumerate(core) if c.isalpha() or c == "'"]
    word = "".join(core[place] for place in places)
    apart = _PARTS.findall(core)
    return (word, places) if word in known and not all(part in known for part in apart) else None


def _unmasked(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    masked = core.translate(_MASKS)
    if "*" not in masked or not masked[0].isalpha() or len(masked) > _LONGEST:
        return None
    for word in _by_shape(known).get((len(masked), masked[0]), ()):
        if all(mask in ("*", letter) for mask, letter in zip(masked, word, strict=True)):
            return word, range(len(core))
    return None


@lru_cache(maxsize=4)
def _by_shape(known: frozenset[str]) -> dict[tuple[int, str], list[str]]:
    """The words that people mask, by length and first letter; what is masked most comes first."""
    shapes: dict[tuple[int, str], list[str]] = {}
    for word in sorted(known, key=lambda word: (word not in _MASKED_MOST, word)):
        shapes.setdefault((len(word), word[0]), []).append(word)
    return shapes


_MASKED_MOST: Final = frozenset(
    ("fuck", "fucking", "shit", "bitch", "cunt", "ass", "asshole", "dick", "whore", "slut", "kill")
)


def _squeezed(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    """`kiiilll`: every long run cut to two letters or to one, whichever gives a known word."""
    if not core.isalpha():
        return None
    runs = [(run.start(), len(run.group())) for run in _RUN.finditer(core)]
    long = [at for at, (_, length) in enumerate(runs) if length > 2]
    if not long or len(long) > 6:
        return None
    for keep in itertools.product((1, 2), repeat=len(long)):
        lengths = dict(zip(long, keep, strict=True))
        places = [
            start + step for at, (start, length) in enumerate(runs) for step in range(lengths.get(at, length))
        ]
        word = "".join(core[place] for place in places)
        if word in known:
            return word, places
    return None


def _with_gaps(text: str, known: frozenset[str], taken: set[int]) -> Iterator[Edit]:
    """`k ill` and `fu ck`: two neighbors that are no words, and are one without the gap."""
    before: re.Match[str] | None = None
    for part in _PARTS.finditer(text):
        if part.group() in known or part.start() in taken:
            before = None
            continue
        if before is not None and before.end() + 1 == part.start() and text[before.end()] == " ":
            word = before.group() + part.group()
            if word in known:
                yield Edit(
                    before.start(),
                    part.end(),
                    word,
                    [*range(before.start(), before.end()), *range(part.start(), part.end())],
                )
                before = None
                continue
        before = part
