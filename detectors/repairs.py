"""Repair a message for a second reading: undo typos and tricks that are not visible in single words.

`PASSES` run in order, and each can be left out: reversed text, camel case, emoji used as words, words on separate lines or in
separate sentences, spellings of chats, joined words, and letters swapped, doubled or dropped.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from spellchecker import SpellChecker

from detectors.confusables import LEET
from detectors.edit import Edit
from detectors.message import Message
from detectors.normalizer import TextTooLong, edited, normalize
from detectors.spelled_out import cut_into_words, spelled_out

Known = frozenset[str]
Pass = Callable[[str, Known], Sequence[Edit]]

PASSES: Final = ("reversed", "camel", "emoji", "lines", "chat", "joined", "typos")
PLAIN: Final = frozenset({"emoji", "chat"})
"""What these undo is no guess."""

_REVERSED: Final = re.compile("\u202e([^\u202c\u202d\n]*)[\u202c\u202d]?")
_HUMPS: Final = re.compile(r"(?<![A-Za-z])(?:[A-Z][a-z]*){3,}(?![A-Za-z])")
_HUMP: Final = re.compile(r"(?<=[A-Za-z])[A-Z]")
_ALONE: Final = re.compile(r"[A-Z](?![a-z])")
"""A word of one letter. At most a third of the words may be: more are a word in capitals, or part of an address."""
_SEPARATOR: Final = re.compile(r"[.!?;…\n]+\s*")
_CHAT_WORD: Final = re.compile(r"(?<![\w'])[a-z0-9][a-z0-9']{0,7}(?![\w'])")
_MIXED: Final = re.compile(r"(?<![\w'])[a-z]+[0-9]{1,3}[a-z][a-z0-9]{0,40}(?![\w'])")
_PLAIN: Final = str.maketrans({sign: letter for sign, letter in LEET.items() if len(letter) == 1})
_WORD: Final = re.compile(r"(?<![\w'])[a-z]{3,200}(?![\w'])")
_SHORT: Final = frozenset(
    ["a", "am", "at", "be", "do", "go", "he", "i", "if", "im", "in", "is", "it", "me", "my", "no", "of", "on", "or", "r", "so",
     "to", "u", "up", "ur", "we"]
)  # fmt: skip
_FEWEST_FRAGMENTS: Final = 3
_FRAGMENT: Final = 2
"""The maximum number of words in a fragment."""
_SHORTEST_JOINED: Final = 5
_SENTENCE: Final = 14
"""The minimum number of letters for joined words to count as a sentence."""
_USUAL: Final = 3_000
"""The minimum frequency of a common word in the dictionary's corpus."""
_SHORTEST_REPAIRED: Final = 4
_SHORTEST_TARGET: Final = 3
_LONGEST_REPAIRED: Final = 15
_SHORT_WORD: Final = 4
"""A word of at most so many letters is only a typo of a common word: `hehe` and `bao` are words of chats."""
_MOST: Final = 300
"""The maximum number of unknown words to examine in a text; each costs several look-ups."""

EMOJI: Final = {
    "🔪": "stab", "🗡": "stab", "🔫": "shoot", "💣": "bomb", "🧨": "bomb", "👊": "punch", "🔨": "smash", "🪓": "chop",
    "☠": "dead", "💀": "dead", "⚰": "coffin", "🪦": "grave", "🔥": "burn", "🤮": "disgusting", "🐀": "rats", "🐷": "pigs",
    "🐖": "pigs", "🐵": "monkeys", "🐒": "monkeys", "🐍": "snakes", "🪳": "cockroaches", "🦠": "disease", "🗑": "trash",
    "🚮": "trash",
}  # fmt: skip


FIGURATIVE: Final = frozenset("☠💀🔥")
"""Emoji of laughter and praise, more often than of death and fire."""

CHAT: Final = {
    "2day": "today", "2moro": "tomorrow", "2morrow": "tomorrow", "2night": "tonight", "2nite": "tonight", "b4": "before",
    "bc": "because", "bcz": "because", "boutta": "about to", "cant": "can't", "coz": "because", "cuz": "because",
    "da": "the", "dat": "that", "dem": "them", "dey": "they", "didnt": "didn't", "dis": "this", "doesnt": "doesn't",
    "dont": "don't", "finna": "gonna", "gimme": "give me", "gon": "gonna", "gotta": "have to", "hafta": "have to",
    "hes": "he's", "isnt": "isn't", "ive": "i've", "lemme": "let me", "nite": "night", "ppl": "people", "r": "are",
    "shes": "she's", "thats": "that's", "theres": "there's", "theyre": "they're", "thru": "through", "tmr": "tomorrow",
    "tmrw": "tomorrow", "tonite": "tonight", "u": "you", "u'll": "you'll", "u're": "you're", "ur": "your",
    "urself": "yourself", "w": "with", "wanna": "want to", "wat": "what", "whos": "who's", "wid": "with", "wit": "with",
    "wont": "won't", "wouldnt": "wouldn't", "wudnt": "wouldn't", "ya": "you", "youll": "you'll", "youre": "you're",
    "youve": "you've", "yr": "your",
}  # fmt: skip
"""Spellings of chats that are not also words of another sense, such as `ill` and `were`."""


@dataclass(frozen=True, slots=True)
class Repaired(Message):
    """`guesses` are the spans in the original of what the author may have meant otherwise: all that was repaired, except the
    spellings of chats, and emoji that are rarely a figure of speech."""

    guesses: tuple[tuple[int, int], ...]

    def is_guess(self, start: int, end: int) -> bool:
        """Whether any of this part of the original is a guess."""
        return any(first < end and start < last for first, last in self.guesses)


def repaired(message: Message, known: Known, passes: Collection[str] = PASSES) -> Repaired | None:
    """The repaired message, or None if there is nothing to repair."""
    guesses: list[tuple[int, int]] = []
    try:
        text, origins = _as_drawn(message.original, passes)
        if text == message.original:
            normalized, places = message.normalized, list(message.origins[:-1])
        else:
            again = normalize(text, known, passes)
            normalized, places = again.normalized, [origins[place] for place in again.origins[:-1]]
            guesses.append((0, len(message.original)))
    except TextTooLong:
        return None
    for name, undo in _FOLDED.items():
        if name in passes and (edits := undo(normalized, known)):
            guesses += [
                (places[edit.start], places[edit.end - 1] + 1)
                for edit in edits
                if name not in PLAIN or normalized[edit.start] in FIGURATIVE
            ]
            normalized, places = edited(normalized, places, edits)
    if normalized == message.normalized:
        return None
    return Repaired(message.original, normalized, (*places, len(message.original)), tuple(guesses))


def _as_drawn(text: str, passes: Collection[str]) -> tuple[str, list[int]]:
    """Reorder text after a right-to-left override as it is displayed, and split camel case into words."""
    origins = list(range(len(text)))
    if "reversed" in passes and "\u202e" in text:
        edits = [
            Edit(m.start(), m.end(), m[1][::-1], range(m.end(1) - 1, m.start(1) - 1, -1))
            for m in _REVERSED.finditer(text)
        ]
        text, origins = edited(text, origins, edits)
    if "camel" in passes:
        humps = [
            Edit(word.start() + m.start(), word.start() + m.end(), " " + m[0], [word.start() + m.start()] * 2)
            for word in _HUMPS.finditer(text)
            if len(_ALONE.findall(word[0])) * 3 <= len(_HUMP.findall(word[0])) + 1
            for m in _HUMP.finditer(word[0])
        ]
        text, origins = edited(text, origins, humps)
    return text, origins


def _emoji(text: str, _: Known) -> list[Edit]:
    if text.isascii():
        return []
    return [
        Edit(place, place + 1, f" {word} ", [place] * (len(word) + 2))
        for place, character in enumerate(text)
        if (word := EMOJI.get(character))
    ]


def _chat(text: str, _: Known) -> list[Edit]:
    """Write `u` and `2nite` out."""
    edits = []
    for token in _CHAT_WORD.finditer(text):
        if word := CHAT.get(token[0]):
            start, last = token.start(), token.end() - 1
            edits.append(Edit(start, last + 1, word, [min(start + at, last) for at in range(len(word))]))
    return edits


def _lines(text: str, known: Known) -> list[Edit]:
    """Join `i` / `will` / `kill` / `you` on four lines, or in four sentences, into one sentence."""
    edits = []
    for run in _runs_of_fragments(text):
        edits += [Edit(mark.start(), mark.end(), " ", [mark.start()]) for mark in run]
    if not edits:
        return []
    flat, places = edited(text, list(range(len(text))), edits)
    letters = [
        Edit(places[e.start], places[e.end - 1] + 1, e.word, [places[at] for at in e.places])
        for e in spelled_out(flat, known)
    ]
    taken = [(edit.start, edit.end) for edit in letters]
    kept = [e for e in edits if not any(start <= e.start < end for start, end in taken)]
    return sorted([*kept, *letters], key=lambda edit: edit.start)


def _runs_of_fragments(text: str) -> Iterator[list[re.Match[str]]]:
    """The sentence ends inside each run of short fragments."""
    run: list[re.Match[str]] = []
    start = 0
    for mark in _SEPARATOR.finditer(text):
        if not 0 < len(text[start : mark.start()].split()) <= _FRAGMENT:
            if len(run) >= _FEWEST_FRAGMENTS:
                yield run[:-1]
            run = []
        else:
            run.append(mark)
        start = mark.end()
    if len(run) + bool(text[start:].split()) >= _FEWEST_FRAGMENTS:
        yield run


def _joined(text: str, known: Known) -> list[Edit]:
    """Split joined words such as `iwillkillyou` and `k1llyou`."""
    edits = []
    for token in heapq.merge(_unknown(text, known), _with_digits(text), key=lambda token: token.start()):
        word = token[0].translate(_PLAIN)
        if len(word) < _SHORTEST_JOINED:
            continue
        if (cut := cut_into_words(word, _pieces(known, usual=len(word) >= _SENTENCE))) and len(cut[1]) > 1:
            parts = cut[1]
            if sum(len(part) for part in parts if len(part) > 2) * 5 >= len(word) * 3:
                edits.append(_spaced(token.start(), parts))
    return edits


def _unknown(text: str, known: Known) -> Iterator[re.Match[str]]:
    """The first _MOST words that are in neither the lexicon nor the dictionary."""
    unknown = (t for t in _WORD.finditer(text) if t[0] not in known and t[0] != "www" and not is_word(t[0]))
    return itertools.islice(unknown, _MOST)


def _with_digits(text: str) -> Iterator[re.Match[str]]:
    return itertools.islice(_MIXED.finditer(text), _MOST)


def _spaced(start: int, parts: Sequence[str]) -> Edit:
    places: list[int] = []
    end = start
    for part in parts:
        places += [*range(end, end + len(part)), end + len(part) - 1]
        end += len(part)
    return Edit(start, end, " ".join(parts), places[:-1])


def _typos(text: str, known: Known) -> list[Edit]:
    """Correct `klil`, `killl`, `kll`: an unknown word that becomes a known one by a single edit."""
    edits = []
    for token in _unknown(text, known):
        word = token[0]
        if len(word) > _LONGEST_REPAIRED or not (change := _one_change(word, known)):
            continue
        if len(word) > _SHORT_WORD or _dictionary().word_frequency[change[0]] >= _USUAL:
            start, places = token.start(), change[1]
            edits.append(Edit(start, token.end(), change[0], [start + place for place in places]))
    return edits


def _one_change(word: str, known: Known) -> tuple[str, list[int]] | None:
    places = list(range(len(word)))
    for at in range(len(word) - 1):
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if swapped in known:
            return swapped, places
    for at in range(1, len(word)):
        single = word[:at] + word[at + 1 :]
        if len(single) >= _SHORTEST_TARGET and word[at] == word[at - 1] and single in known:
            return single, places[:at] + places[at + 1 :]
    longer = _longer(known).get(word, ())
    if not longer or len(word) + 1 < _SHORTEST_REPAIRED:
        return None
    _, at, usual = max(longer)
    return usual, [*places[:-at], places[-at - 1], *places[-at:]]


@cache
def _longer(known: Known) -> dict[str, list[tuple[int, int, str]]]:
    """Map each known word with one letter dropped, except the first, to the frequency of the whole word, the negated position of
    the letter, and the word."""
    shorter: dict[str, list[tuple[int, int, str]]] = {}
    for word in known:
        usual = _dictionary().word_frequency[word]
        for at in range(1, len(word)):
            shorter.setdefault(word[:at] + word[at + 1 :], []).append((usual, -at, word))
    return shorter


@cache
def _pieces(known: Known, *, usual: bool) -> Known:
    """The words that joined text can consist of. With `usual`, for text long enough to be a sentence, common dictionary words are
    allowed too; shorter text made of those may be a name."""
    pieces = {word for word in known if len(word) > 2 or word in _SHORT}
    if usual:
        frequency = _dictionary().word_frequency
        pieces |= {word for word in frequency.words() if len(word) > 2 and frequency[word] >= _USUAL}
    return frozenset(pieces)


def prepare(known: Known) -> None:
    """Load in advance what the first message would otherwise wait for."""
    _longer(known)
    for usual in (False, True):
        _pieces(known, usual=usual)


def is_word(word: str) -> bool:
    return word in _dictionary().word_frequency


@cache
def _dictionary() -> SpellChecker:
    return SpellChecker(language="en", distance=1)


_FOLDED: Final[dict[str, Pass]] = {
    "emoji": _emoji,
    "lines": _lines,
    "chat": _chat,
    "joined": _joined,
    "typos": _typos,
}
