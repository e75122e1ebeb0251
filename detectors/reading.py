"""Split a message into words for the lexicon and the clause rules."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from detectors.language import language_of
from detectors.message import Message
from detectors.normalizer import PASSES, normalize
from detectors.signal import Language

# INVARIANT: except for the first, the alternatives begin with different characters, so that `re` never backtracks by more than
# the three characters of a French elision: `t'aime` is two words.
_TOKEN: Final = re.compile(
    r"(?:[cdjlmnst]|qu)'(?=[aeiouhy])|[^\W_]+(?:'[^\W_]+)*|[.!?;…\n]+|[,:=()\u2022]|-(?=[\s-])|\*+"
)
_MARKS: Final = frozenset(",:=()•-")
_ENDS: Final = frozenset(".!?;…\n")


@dataclass(frozen=True, slots=True)
class Reading(Message):
    """`words` are lower-case words, `,` for punctuation inside a sentence and `.` for its end. `starts` and `ends` are their
    positions in `normalized`. `flat` joins all words with a space after each and a `^` after unknown capitalized words; it is
    ASCII, and begins and ends with the end of a sentence. `places` has the position of each word in `flat`."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    flat: bytes
    places: tuple[int, ...]
    distinct: frozenset[str]
    language: Language

    def words_at(self, start: int, end: int) -> tuple[int, int]:
        """The range of words, end exclusive, between two positions in `flat`."""
        return bisect_right(self.places, start) - 1, bisect_left(self.places, end)

    def span_of(self, first: int, last: int) -> tuple[int, int]:
        """The span in the original of the words `first` to `last` exclusive, without sentence ends around them."""
        while first < last and self.words[first] in ".,":
            first += 1
        while first < last and self.words[last - 1] in ".,":
            last -= 1
        return self.span(self.starts[first], self.ends[last - 1]) if first < last else self.span(0, 0)


class Reader:
    """Read texts with a vocabulary: disguises are decoded to its words, and a capitalized word outside of it is a name."""

    def __init__(self, known: frozenset[str] = frozenset(), passes: Collection[str] = PASSES) -> None:
        self.known = known
        self._passes = passes

    def read(self, text: str) -> Reading:
        """Raises TextTooLong."""
        return self.reading(normalize(text, self.known, self._passes))

    def reading(self, message: Message) -> Reading:
        """Read a message. One that has already been read is returned unchanged."""
        return message if isinstance(message, Reading) else self._cut(message)

    def _cut(self, message: Message) -> Reading:
        words, starts, ends, shown = ["."], [0], [0], [". "]
        known, original, origins = self.known, message.original, message.origins
        for token in _TOKEN.finditer(message.normalized):
            word, start = token.group(), token.start()
            first = word[0]
            last = words[-1]
            if first in _ENDS and not _is_pause(word):
                if last == ".":
                    continue
                if last == ",":
                    if (
                        message.normalized[starts[-1]] != ":"
                    ):  # what follows a colon belongs to it, on the next line too
                        words[-1], ends[-1], shown[-1] = ".", token.end(), ". "
                    continue
                word = "."
            elif first in _MARKS or first in _ENDS:
                if last in ".,":
                    continue
                word = ","
            elif first == "*":
                continue
            named = word not in known and last != "." and _capitalized(original, origins[start])
            words.append(word)
            starts.append(start)
            ends.append(token.end())
            shown.append(f"{word}^ " if named else f"{word} ")
        if words[-1] == ",":
            words[-1], shown[-1] = ".", ". "
        elif words[-1] != ".":
            words.append(".")
            starts.append(len(message.normalized))
            ends.append(len(message.normalized))
            shown.append(". ")
        return Reading(
            message.original,
            message.normalized,
            message.origins,
            tuple(words),
            tuple(starts),
            tuple(ends),
            "".join(shown).encode("ascii", "replace"),
            tuple(_places(shown)),
            frozenset(words),
            language_of(message.original, message.normalized),
        )


def _is_pause(marks: str) -> bool:
    """`you are ... an idiot` is one sentence."""
    return marks == "…" or (len(marks) > 1 and not marks.strip("."))


def _capitalized(original: str, place: int) -> bool:
    """Whether a word is capitalized like a name: an initial capital, but not all capitals."""
    return original[place].isupper() and original[place + 1 : place + 2].islower()


def _places(shown: list[str]) -> list[int]:
    places, place = [], 0
    for word in shown:
        places.append(place)
        place += len(word)
    return places
