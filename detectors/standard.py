"""Build the shipped pipeline from a lexicon folder and the given classifiers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from detectors.clause_rules.detector import ClauseRules
from detectors.detector import Detector
from detectors.foreign import OwnClauses, foreign_detectors
from detectors.guarded import Guarded
from detectors.idioms import WithoutIdioms
from detectors.lexicon import Lexicon
from detectors.lexicon_reader import read_lexicon
from detectors.normalizer import PASSES as UNDONE
from detectors.original_profanity import OriginalProfanity
from detectors.pipeline import Pipeline, Problem
from detectors.reading import Reader
from detectors.repairing import Repairing, SecondReading
from detectors.repairs import PASSES as REPAIRS
from detectors.word_list import WordList

PASSES = (*UNDONE, *REPAIRS)
"""The passes of the first reading, which can block, and of the second, which can only hold."""
SPLIT = frozenset({"camel", "joined"})
"""The passes of the second reading that a classifier needs. It has learned typos and the spellings of chats."""
SPLIT_INTO = 3
"""How many words more a classifier reads again: names of users and topics are two words or three."""


def standard(
    lexicon: Path | Lexicon,
    classifiers: Sequence[Detector] = (),
    *,
    original_profanity: bool = False,
    problems: Sequence[Problem] = (),
    passes: Collection[str] = PASSES,
) -> Pipeline:
    """Build the detectors from a folder of word lists and rules, or from a lexicon already read, which is the slow part.

    `original_profanity` uses better-profanity's own engine for the word list. `problems` are those of detectors that are
    unavailable from the start, and `passes` are the passes to apply before reading a text. Raises LexiconError.
    """
    read = read_lexicon(lexicon) if isinstance(lexicon, Path) else lexicon
    words: Detector = OriginalProfanity() if original_profanity else WordList(read)
    guards = (words, ClauseRules(read))
    second = SecondReading(read.known, passes)
    split = SecondReading(read.known, [name for name in passes if name in SPLIT])
    return Pipeline(
        (
            *(OwnClauses(Repairing(guard, second), "english") for guard in guards),
            *(
                Repairing(Guarded(WithoutIdioms(classifier, read), read), split, more_words=SPLIT_INTO)
                for classifier in classifiers
            ),
        ),
        foreign=dict(foreign_detectors(lexicon, read.known, passes) for lexicon in read.foreign),
        reader=Reader(read.known, passes),
        problems=problems,
    )
