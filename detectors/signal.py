"""The findings of a detector. They never contain the text itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Category = Literal[
    "threat", "abuse", "hate", "violence", "sexual", "self_harm", "insult", "profanity", "spam"
]
Language = Literal["english", "german", "spanish", "french", "other", "undetermined"]
"""`undetermined` texts are too short to tell. Every language that has rules judges them. No rules read `other` languages."""

FOREIGN: Final[tuple[Language, ...]] = ("german", "spanish", "french")
"""The languages other than English that have rules, in `policies/lexicon/`."""

READ_AS_ENGLISH: Final[frozenset[Language]] = frozenset({"english", "undetermined"})
"""What classifiers and repairs read. They know English only: thanks in Italian would be hate to them."""

CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Signal:
    """`score` is calibrated, from 0.0 (certainly not) to 1.0 (certain). `start` and `end` are character positions in the original
    text.

    `detector` is lexicon, clause_rules or classifier, and `version` its version and that of its calibration. `rule` is what
    matched in the detector, such as `threat.direct` or `german.threat.direct`. `reported`: the author tells what somebody else
    said or did. `quoted`: the words are in a quotation.
    """

    category: Category
    score: float
    start: int
    end: int
    detector: str
    version: str
    rule: str
    reported: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of all detectors on one text. `unavailable` are the categories that no working detector could judge."""

    language: Language
    signals: tuple[Signal, ...] = ()
    unavailable: tuple[Category, ...] = ()
