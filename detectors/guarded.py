"""Let a classifier judge what the author says, apart from what they report, quote, deny or condemn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from detectors.blanked import blanked
from detectors.circumstances import Circumstances
from detectors.clause_rules.exceptions import opposed
from detectors.detector import Detector
from detectors.lexicon import Lexicon
from detectors.message import Message
from detectors.reading import Reader, Reading
from detectors.signal import Category, Signal

_LOOKED_AT: Final = 0.3
"""Nothing is done about lower scores, so that most texts are scored once."""
_FLAGGED: Final = 0.44
"""The maximum score of what the author denies or condemns: below every threshold that holds for hate."""
_GUARDED: Final = frozenset({"threat", "abuse", "hate", "violence", "sexual"})
_TELLS_APART: Final = frozenset({"encoder.menace"})
"""The heads that have learned what is reported and what is passed on. They take fewer of the one for the other than the patterns
that find reports. In a message that is one quotation, there is nothing to tell apart."""
_OPPOSABLE: Final = frozenset({"hate"})
"""`You will never walk again` denies nothing, so that only hate can be denied."""
_MOST: Final = 400
"""The maximum number of words to look at."""


class Guarded:
    """A score that falls when the excused words are left out is theirs, and the signal says so. The rest of the text has a score
    of its own."""

    def __init__(self, inside: Detector, lexicon: Lexicon) -> None:
        self.name = inside.name
        self.version = inside.version
        self.categories: frozenset[Category] = inside.categories
        self.rules: Mapping[str, Category] = inside.rules
        self._inside = inside
        self._readings = lexicon.readings
        self._reader = Reader(lexicon.known)

    def find(self, message: Message) -> Iterable[Signal]:
        signals = list(self._inside.find(message))
        if not any(s.score >= _LOOKED_AT and s.category in _GUARDED for s in signals):
            return signals
        reading = self._reader.reading(message)
        signals = list(self._without_excused(reading, signals))
        return list(self._without_opposed(reading, signals))

    def _without_excused(self, reading: Reading, signals: Collection[Signal]) -> Iterator[Signal]:
        circumstances = Circumstances(reading, self._readings)
        excuses = {
            word: circumstances.of(word, word + 1) for word in range(1, min(len(reading.words), _MOST))
        }
        excused = [word for word, excuse in excuses.items() if any(excuse)]
        if not excused:
            yield from signals
            return
        quoted = any(quoted and not reported for reported, quoted in excuses.values())
        all_quoted = all(
            (quoted and not reported) or not reading.words[word][0].isalnum()
            for word, (reported, quoted) in excuses.items()
        )
        own = self._scores(reading, excused)
        for signal in signals:
            guarded = signal.category in _GUARDED and (all_quoted or signal.rule not in _TELLS_APART)
            if guarded and own[signal.rule] < signal.score:
                yield replace(signal, reported=not quoted, quoted=quoted)
                signal = replace(signal, score=own[signal.rule])
            yield signal

    def _without_opposed(self, reading: Reading, signals: Collection[Signal]) -> Iterator[Signal]:
        doubtful = [s for s in signals if s.category in _OPPOSABLE and s.score > _FLAGGED and not s.reported]
        denied = [
            word
            for word in range(1, min(len(reading.words) - 1, _MOST))
            if doubtful and opposed(self._readings, reading, word, word)
        ]
        own = self._scores(reading, denied) if denied else {}
        for signal in signals:
            falls = signal in doubtful and own.get(signal.rule, 1.0) <= _FLAGGED
            yield replace(signal, score=_FLAGGED) if falls else signal

    def _scores(self, reading: Reading, hidden: Iterable[int]) -> dict[str, float]:
        left = blanked(reading, ((word, word + 1) for word in hidden))
        return {signal.rule: signal.score for signal in self._inside.find(left)}
