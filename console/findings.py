"""What detectors found in a text, one entry for each thing that they say about the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.highlight import names_words
from detectors.signal import Signal

SIGNALS_SHOWN: Final = 100
TOLD: Final = "told of somebody else"
QUOTED: Final = "in quotation marks"


@dataclass(frozen=True, slots=True)
class Found:
    """What detectors say about the same words; `words` is empty for the whole text, or one that is not shown. `said` tells who
    found it and how it is meant, `sources` are the rules and versions."""

    category: str
    score: float
    words: str
    is_whole: bool
    said: str
    sources: tuple[str, ...]


def strongest(signals: Sequence[Signal]) -> list[Signal]:
    """As many as a page shows, in text order."""
    kept = sorted(signals, key=lambda signal: -signal.score)[:SIGNALS_SHOWN]
    return sorted(kept, key=lambda signal: (signal.start, signal.end))


def merged(text: str, signals: Sequence[Signal]) -> list[Found]:
    """Signals about the same words, of one category and said in the same way, are one finding."""
    together: dict[tuple[Any, ...], list[Signal]] = {}
    for signal in signals:
        words = (signal.start, signal.end) if names_words(signal) else None
        key = words, signal.category, signal.reported, signal.quoted
        together.setdefault(key, []).append(signal)
    return [_found(text[slice(*words)] if words else "", group) for (words, *_), group in together.items()]


def _found(words: str, signals: Sequence[Signal]) -> Found:
    first = signals[0]
    meant = [words for words, is_so in ((TOLD, first.reported), (QUOTED, first.quoted)) if is_so]
    finders = dict.fromkeys(
        "the classifier" if s.detector == "classifier" else "a word rule" for s in signals
    )
    return Found(
        category=first.category,
        score=max(signal.score for signal in signals),
        words=words,
        is_whole=not names_words(first),
        said=f"{' and '.join(meant) or 'own words'}; found by {' and '.join(finders)}",
        sources=tuple(dict.fromkeys(f"{s.rule} ({s.detector} {s.version})" for s in signals)),
    )
