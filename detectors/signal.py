"""What a detector found. The text itself is never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Category = Literal[
    "threat", "abuse", "hate", "violence", "sexual", "self_harm", "insult", "profanity", "spam"
]
Language = Literal["english", "other", "undetermined"]
"""`undetermined` is too short to tell, and judged as English."""

CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Signal:
    """`score` is calibrated, 0.0 surely not to 1.0 surely; `start` and `end` are characters of the original text.

    `detector` is lexicon, clause_rules or classifier, `version` its version and that of its calibration; `rule` names what
    in the detector found it, such as `threat.direct`. `reported`: the author tells what somebody else said or did; `quoted`:
    the words stand in a quotation.
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
    """All that the detectors say of one text. `unavailable` are the categories that no working detector could judge."""

    language: Language
    signals: tuple[Signal, ...] = ()
    unavailable: tuple[Category, ...] = ()
