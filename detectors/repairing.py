"""Read a message a second time with repairs. A repair is a guess, so it holds and never blocks."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace
from typing import Final, cast

from detectors.detector import Detector
from detectors.message import Message
from detectors.reading import Reader, Reading
from detectors.repairs import PASSES, Repaired, prepare, repaired
from detectors.signal import READ_AS_ENGLISH, Category, Signal

HOLDS: Final = 0.5
"""The score from which rules hold in the shipped policy."""
HELD: Final = 0.55
"""The maximum score of what only the repaired text says: the shipped policy holds it whatever the classifier says of the text as
written, and does not block it."""
GUESSED: Final = 0.05
"""The maximum score of what a rule that only holds says of words that are a guess. It flags."""
BLOCKS: Final = 0.8
"""The score from which rules block in the shipped policy."""
_REPAIRABLE: Final = frozenset({"threat", "abuse", "hate", "violence", "self_harm"})
"""The categories whose words people disguise, or type in haste."""


class SecondReading:
    """Repair a message once for all detectors of a thread."""

    def __init__(self, known: frozenset[str], passes: Collection[str] = PASSES) -> None:
        self._known = known
        self._passes = passes
        self._reader = Reader(known)
        self._latest = threading.local()
        prepare(known)

    def of(self, message: Message) -> tuple[Repaired, Reading] | None:
        """None if there is nothing to repair. Repairs know English only and would take other words for typos."""
        if getattr(self._latest, "message", None) is not message:
            again = None if _is_foreign(message) else repaired(message, self._known, self._passes)
            self._latest.read = again and (again, self._reader.reading(again))
            self._latest.message = message
        return cast("tuple[Repaired, Reading] | None", self._latest.read)


def _is_foreign(message: Message) -> bool:
    return isinstance(message, Reading) and message.language not in READ_AS_ENGLISH


class Repairing:
    """Add the signals of some categories that the wrapped detector finds in the repaired text only, or with a higher score."""

    def __init__(self, inside: Detector, second: SecondReading, *, more_words: int = 0) -> None:
        """With `more_words`, a repaired text that does not have so many words more is left out."""
        self.name = inside.name
        self.version = inside.version
        self.categories: frozenset[Category] = inside.categories
        self.rules = inside.rules
        self._inside = inside
        self._second = second
        self._more_words = more_words

    def find(self, message: Message) -> list[Signal]:
        signals = list(self._inside.find(message))
        read = self._second.of(message)
        if read is None:
            return signals
        again, reading = read
        more = len(again.normalized.split()) - len(message.normalized.split())
        if self._more_words and more < self._more_words:
            return signals
        known: dict[tuple[str, bool, bool], float] = {}
        for signal in signals:
            key = signal.rule, signal.reported, signal.quoted
            known[key] = max(signal.score, known.get(key, 0.0))
        return signals + [
            replace(
                signal,
                score=score,
                start=min(signal.start, signal.end - 1),  # reversed text ends where it begins
                end=max(signal.end, signal.start + 1),
            )
            for signal in self._inside.find(reading)
            if signal.category in _REPAIRABLE
            and (score := min(signal.score, _cap(signal, again)))
            > known.get((signal.rule, signal.reported, signal.quoted), 0.0)
        ]


def _cap(signal: Signal, again: Repaired) -> float:
    """Who speaks of harming themselves is offered help even for a guess."""
    doubted = signal.score < BLOCKS and signal.category != "self_harm"
    return GUESSED if doubted and again.is_guess(signal.start, signal.end) else HELD
