"""Map disguised words to known ones: `k1ll`, `f*ck`, `kiiill`, `k ill`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from detectors.confusables import LEET
from detectors.edit import Edit

Shapes = Mapping[tuple[int, str, str], Sequence[str]]
"""Words that may be masked, by length, first letter, and last letter or its mask."""

# INVARIANT: no pattern here can match the same text in two ways, so that `re` never backtracks by more than one step.
_SUSPECT: Final = re.compile(
    r"([a-z])\1\1|[a-z][0-9@$!|+€(£¥*#_%.\-]+[a-z]|[0-9@$!|+€(£¥][a-z]|[a-z]\*|[a-z]\$|[a-z][0-9]"
)
_TOKEN: Final = re.compile(r"\S+")
_RUN: Final = re.compile(r"([a-z])\1*")
_PARTS: Final = re.compile(r"[a-z]+")
_MASKS: Final = str.maketrans("#_%", "***")
_LONGEST: Final = 14
_EDGES: Final = "\"'.,;:?!()[]{}<>~"


def disguised_words(text: str, known: frozenset[str]) -> list[Edit]:
    """Find words with digits, punctuation or masks in place of letters, stretched words, and words with a gap."""
    edits: list[Edit] = []
    if _SUSPECT.search(text):
        shapes = _by_shape(known)
        tokens = [(token.group(), token.start()) for token in _TOKEN.finditer(text)]
        for token, start in tokens:
            if _SUSPECT.search(token) and (edit := _undone(token, start, known, shapes)):
                edits.append(edit)
        if edits:
            edits += _short_words(tokens, known, {edit.start for edit in edits})
    return sorted([*edits, *_with_gaps(text, known, {e.start for e in edits})], key=lambda edit: edit.start)


def _short_words(tokens: list[tuple[str, int]], known: frozenset[str], taken: set[int]) -> Iterator[Edit]:
    """Read `1` and `4m` as `i` and `am`, but only in a text that disguises other words in the same way."""
    for token, start in tokens:
        if len(token) <= 2 and not token.isalpha() and start not in taken:
            word = "".join(LEET.get(c, c) for c in token)
            if word in known and word.isalpha():
                yield Edit(start, start + len(token), word, range(start, start + len(token)))


def _undone(token: str, start: int, known: frozenset[str], shapes: Shapes) -> Edit | None:
    left = len(token) - len(token.lstrip(_EDGES.replace("!", "")))
    core = token[left:].rstrip(_EDGES)
    if not 3 <= len(core) <= 40 or core in known or core.isdecimal():
        return None
    start += left
    cut = (
        _plain(core, known)
        or _unmasked(core, shapes)
        or _squeezed(core, known)
        or _without_marks(core, known)
    )
    if cut is None:
        return None
    word, places = cut
    return Edit(start, start + len(core), word, [start + place for place in places])


def _plain(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    """Decode `k1ll` and `a$$hole`, also if stretched."""
    for one in "il":
        word = "".join(one if c == "1" else LEET.get(c, c) for c in core)
        if word in known:
            return word, range(len(core))
        if word.isalpha() and (squeezed := _squeezed(word, known)):
            return squeezed
    return None


def _without_marks(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    """Decode `f.u.ck` and `your.self`."""
    places = [place for place, c in enumerate(core) if c.isalpha() or c == "'"]
    word = "".join(core[place] for place in places)
    return (word, places) if word in known else None


def _unmasked(core: str, shapes: Shapes) -> tuple[str, Sequence[int]] | None:
    """Decode `f*ck` if only one word fits. Commonly masked words are tried first, and if most letters are hidden, only those."""
    masked = core.translate(_MASKS)
    if "*" not in masked or not masked[0].isalpha() or len(masked) > _LONGEST:
        return None
    seen = [(place, letter) for place, letter in enumerate(masked[1:-1], start=1) if letter != "*"]
    candidates: Sequence[str] = shapes.get((len(masked), masked[0], masked[-1]), ())
    for place, letter in seen:
        candidates = [word for word in candidates if word[place] == letter]
    fitting = list(candidates)
    usual = [word for word in fitting if word in _MASKED_MOST]
    if usual:
        return usual[0], range(len(core))
    if len(fitting) == 1 and masked.count("*") * 2 < len(masked):
        return fitting[0], range(len(core))
    return None


@lru_cache(maxsize=4)
def _by_shape(known: frozenset[str]) -> Shapes:
    shapes: dict[tuple[int, str, str], list[str]] = {}
    for word in sorted(known):
        for last in (word[-1], "*"):
            shapes.setdefault((len(word), word[0], last), []).append(word)
    return shapes


_MASKED_MOST: Final = frozenset(
    ("fuck", "fucking", "shit", "bitch", "cunt", "ass", "asshole", "dick", "whore", "slut", "kill")
)


def _squeezed(core: str, known: frozenset[str]) -> tuple[str, Sequence[int]] | None:
    """Decode `kiiilll`: shorten each long run to two letters or one, whichever gives a known word."""
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
    """Decode `k ill` and `fu ck`: join two non-words that make a known word."""
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
