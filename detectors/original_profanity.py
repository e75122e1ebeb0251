"""The package better-profanity as it is: its own list and its own matching, about a millisecond a word."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from better_profanity.better_profanity import Profanity

from detectors.message import Message
from detectors.signal import Category, Signal

_CENSOR: Final = "\u2588"
_SCORE: Final = 0.85
_LONGEST: Final = 2_000
"""Characters; a longer text would take seconds, so it is left unjudged."""


class TextTooLongForEngine(ValueError):
    """The engine would take too long for this text."""


class OriginalProfanity:
    """Judges profanity only. An instance of its own: the package's shared one may be changed by anybody."""

    name = "lexicon"
    categories: frozenset[Category] = frozenset({"profanity"})

    def __init__(self) -> None:
        self.version = f"better-profanity {version('better-profanity')}"
        self._engine = Profanity()

    def find(self, message: Message) -> Iterator[Signal]:
        if len(message.normalized) > _LONGEST:
            raise TextTooLongForEngine(f"better-profanity reads at most {_LONGEST} characters here")
        return self._signals(message)

    def _signals(self, message: Message) -> Iterator[Signal]:
        """One signal: the engine says whether a text is profane, and replaces words by marks of another length."""
        text = message.normalized.replace(_CENSOR, " ")
        if self._engine.contains_profanity(text):
            span = message.span(0, len(message.normalized))
            yield Signal("profanity", _SCORE, *span, self.name, self.version, "profanity.better-profanity")
