"""Measure each normalizing pass on disguised threats that are blocked in plain spelling."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from detectors.lexicon import Lexicon
from detectors.repairing import BLOCKS, HOLDS
from detectors.standard import PASSES, standard
from ml.benchmark.rule_counts import strongest

Disguise = Callable[[str, Random], str]
LONG_WORD: Final = 4


def _each_long_word(change: Callable[[str, Random], str]) -> Disguise:
    def disguise(text: str, chance: Random) -> str:
        words = text.split()
        return " ".join(change(w, chance) if len(w) >= LONG_WORD and w.isalpha() else w for w in words)

    return disguise


def _swapped(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _doubled(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word))
    return word[:at] + word[at] + word[at:]


def _dropped(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def _stretched(word: str, _: Random) -> str:
    return word[0] + word[1] * 4 + word[2:]


def _split(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word))
    return f"{word[:at]} {word[at:]}"


DISGUISES: Final[dict[str, Disguise]] = {
    "plain": lambda text, _: text,
    "letters swapped": _each_long_word(_swapped),
    "letters doubled": _each_long_word(_doubled),
    "letters dropped": _each_long_word(_dropped),
    "letters repeated": _each_long_word(_stretched),
    "words split": _each_long_word(_split),
    "words joined": lambda text, _: "".join(c for c in text if c.isalnum()).lower(),
    "camel case": lambda text, _: "".join(word[:1].upper() + word[1:] for word in text.split()),
    "letters spelled": lambda text, _: "  ".join(" ".join(word) for word in text.split()),
    "a line a word": lambda text, _: "\n".join(text.split()),
    "a sentence a word": lambda text, _: ". ".join(text.split()),
    "reversed": lambda text, _: "\u202e" + text[::-1],
}


@dataclass(frozen=True)
class Worth:
    """The shares of the same threats that are blocked or held in one disguise: with no pass, with each alone, with all."""

    disguise: str
    texts: int
    without: float
    alone: dict[str, float]
    together: float


def measure_passes(lexicon: Lexicon, threats: Sequence[str]) -> list[Worth]:
    """Measure each pass alone on `threats`, which are blocked in plain spelling."""
    readers = {name: _stops(lexicon, [name]) for name in PASSES}
    nothing, everything = _stops(lexicon, []), _stops(lexicon, PASSES)
    worths = []
    for name, disguise in DISGUISES.items():
        chance = Random(1)
        texts = [disguise(text, chance) for text in threats]
        alone = {one: _share(stops, texts) for one, stops in readers.items()}
        worths.append(Worth(name, len(texts), _share(nothing, texts), alone, _share(everything, texts)))
    return worths


def stopped_by_pass(lexicon: Lexicon, harmless: Iterable[str]) -> dict[str, int]:
    """Count the harmless lines that each pass, used alone, blocks or holds but that pass without it."""
    nothing = _stops(lexicon, [])
    let_through = [text for text in harmless if not nothing(text)]
    return {name: sum(map(_stops(lexicon, [name]), let_through)) for name in PASSES}


def blocked_when_plain(lexicon: Lexicon, texts: Iterable[str]) -> list[str]:
    pipeline = standard(lexicon)
    return [text for text in texts if strongest(pipeline, text) >= BLOCKS]


def _stops(lexicon: Lexicon, passes: Collection[str]) -> Callable[[str], bool]:
    pipeline = standard(lexicon, passes=passes)
    return lambda text: strongest(pipeline, text) >= HOLDS


def _share(stops: Callable[[str], bool], texts: Sequence[str]) -> float:
    return sum(map(stops, texts)) / (len(texts) or 1)
