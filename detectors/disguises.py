"""Words in disguise, and which known word each hides: `k i l l`, `k1ll`, `f*ck`, `kiiill`, `k ill`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from detectors.confusables import LEET


@dataclass(frozen=True, slots=True)
class Edit:
    """`word` in place of the characters `start` to `end`; `places` says where each of its characters was."""

    start: int
    end: int
    word: str
    places: Sequence[int]


# INVARIANT: no pattern here can match one stretch of text in two ways, so that `re` never backtracks further than one step.
_LETTER: Final = r"[a-z0-9@$!|+]"
_SPELLED: Final = re.compile(rf"(?<![a-z0-9])(?:{_LETTER}(?:  ?|[.\-_*/,]+)){{2,}}{_LETTER}(?![a-z0-9])")
_SUSPECT: Final = re.compile(
    r"([a-z])\1\1|[a-z*][0-9@$!|+€(£¥*#_%.\-]+[a-z]|[0-9@$|+€(£¥][a-z]|[a-z]\*|[a-z]\$|[a-z][0-9]"
)
_TOKEN: Final = re.compile(r"\S+")
_RUN: Final = re.compile(r"([a-z])\1*")
_PARTS: Final = re.compile(r"[a-z]+")
_MASKS: Final = str.maketrans("#_%", "***")
_LONGEST: Final = 14
_CHUNK: Final = 200
_EDGES: Final = "\"'.,;:?!()[]{}<>~"


def spelled_out(text: str, known: frozenset[str]) -> list[Edit]:
    """Words spelled letter by letter, joined, and cut where known words meet."""
    edits = []
    for run in _SPELLED.finditer(text):
        for start, end in _groups(text, run.start(), run.end()):
            edits += _joined(text, start, end, known)
    return edits


def _groups(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a spelled-out run between double spaces, at most _CHUNK characters each."""
    while start < end:
        stop = text.find("  ", start, end)
        stop = min(end if stop < 0 else stop, start + _CHUNK)
        yield start, stop
        start = stop
        while start < end and text[start] in " .-_*/,":
            start += 1


def _joined(text: str, start: int, end: int, known: frozenset[str]) -> list[Edit]:
    places = [place for place in range(start, end) if text[place] not in " .-_*/,"]
    letters = "".join(LEET.get(text[place], text[place]) for place in places)
    plain = sum(text[place].isalpha() for place in places)
    if len(places) < 2 or plain < 2:
        return []
    words = cut_into_words(letters, known)
    if words is None:
        if plain < len(places):
            return []
        words = [letters]
    edits = []
    first = 0
    for word in words:
        mine = places[first : first + len(word)]
        edits.append(Edit(mine[0], mine[-1] + 1, word, mine))
        first += len(word)
    return [
        Edit(edit.start, edit.end, edit.word + " ", [*edit.places, edit.end - 1])
        if after is not None and after.start == edit.end
        else edit
        for edit, after in itertools.zip_longest(edits, edits[1:])
    ]


def cut_into_words(letters: str, known: frozenset[str]) -> list[str] | None:
    """The letters as known words, the fewest that there are; None where they are not known words from end to end."""
    best: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(
        letters
    )  # (how many words, where the last one begins)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before = best[start]
            if before is not None and letters[start:end] in known:
                now = best[end]
                if now is None or before[0] + 1 < now[0]:
                    best[end] = (before[0] + 1, start)
    words: list[str] = []
    end = len(letters)
    while end:
        step = best[end]
        if step is None:
            return None
        words.append(letters[step[1] : end])
        end = step[1]
    return words[::-1]


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
    "fuck fucking fucker shit bitch cunt ass asshole dick whore slut faggot nigger bastard kill rape".split()
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
