"""The unmodified package better-profanity, with its own list and matching; it takes about a millisecond per word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final

from better_profanity.better_profanity import Profanity

from detectors.message import Message
from detectors.signal import Category, Signal

_CENSOR: Final = "\u2588"
_SCORE: Final = 0.85
_RULE: Final = "profanity.better-profanity"
_LONGEST: Final = 2_000
"""In characters. A longer text would take seconds, so it is not judged."""


class TextTooLongForEngine(ValueError):
    """The engine would take too long for this text."""


class OriginalProfanity:
    """Judges profanity only. It uses its own instance, since any code can change the package's shared one."""

    name = "lexicon"
    categories: frozenset[Category] = frozenset({"profanity"})
    rules: Mapping[str, Category] = {_RULE: "profanity"}

    def __init__(self) -> None:
        self.version = f"better-profanity {version('better-profanity')}"
        self._engine = Profanity()

    def find(self, message: Message) -> Iterator[Signal]:
        if len(message.normalized) > _LONGEST:
            raise TextTooLongForEngine(f"better-profanity reads at most {_LONGEST} characters here")
        return self._signals(message)

    def _signals(self, message: Message) -> Iterator[Signal]:
        """One signal for the whole text: the engine only says whether a text is profane, and its masks differ in length from the
        words."""
        text = message.normalized.replace(_CENSOR, " ")
        if self._engine.contains_profanity(text):
            span = message.span(0, len(message.normalized))
            yield Signal("profanity", _SCORE, *span, self.name, self.version, _RULE)
