"""Splits a text at the boundaries of signals, so that a page can highlight them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from detectors.signal import Signal


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters covered by the same signals. `numbers` are their positions from 1; `category` is the strongest one's."""

    text: str
    numbers: tuple[int, ...] = ()
    category: str = ""


def cut(text: str, signals: Sequence[Signal]) -> list[Piece]:
    """Pieces in text order that add up to the whole text. Spans are clipped to it."""
    spans = [(max(0, s.start), min(len(text), s.end)) if names_words(s) else (0, 0) for s in signals]
    edges = sorted({0, len(text), *(edge for start, end in spans if start < end for edge in (start, end))})
    return [_piece(text, start, end, spans, signals) for start, end in pairwise(edges)]


def names_words(signal: Signal) -> bool:
    """A classifier scores the whole text, so its signals are not highlighted."""
    return signal.detector != "classifier"


def _piece(
    text: str, start: int, end: int, spans: Sequence[tuple[int, int]], signals: Sequence[Signal]
) -> Piece:
    about = [i for i, (first, last) in enumerate(spans) if first <= start and end <= last]
    if not about:
        return Piece(text[start:end])
    strongest = max(about, key=lambda i: signals[i].score)
    return Piece(text[start:end], tuple(i + 1 for i in about), signals[strongest].category)
