"""The lexicon: words by category and severity, rules made of patterns, and how to recognize reports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.patterns import Pattern
from detectors.signal import Category, Language


@dataclass(frozen=True)
class Entry:
    """Phrases that count anywhere in a text. A `may_be_name` word does not count if capitalized like a name: Dick, Cock."""

    category: Category
    score: float
    phrases: tuple[str, ...]
    unless_near: tuple[Pattern, ...] = ()
    may_be_name: bool = False


@dataclass(frozen=True)
class Rule:
    """Matches if one of `match` does, unless one of `unless_before` ends directly before it or one of `unless_near` is in its
    sentence. Each of `only_with` must be nearby, in any sentence.

    A `reported` rule matches what people say was done to them. A match of an `own` rule, such as a threat passed on, is never
    excused as a report. An `opposable` rule holds instead of blocking if the sentence denies or condemns it. What a
    `must_complain` rule finds in a report is passed on, unless the sentence complains of it.
    """

    id: str
    category: Category
    score: float
    match: tuple[Pattern, ...]
    unless_before: tuple[Pattern, ...] = ()
    unless_near: tuple[Pattern, ...] = ()
    only_with: tuple[Pattern, ...] = ()
    reported: bool = False
    own: bool = False
    opposable: bool = False
    must_complain: bool = False


@dataclass(frozen=True)
class Readings:
    """`report` begins a report, `report_ends` ends it, and `report_after` follows the reported words. What looks like a report in
    a match of `passed_on` is no report: somebody else's words, or a saying, are passed on to the reader. `opposed` marks a
    sentence that denies or condemns what it says, and `complaint` one that tells who was hurt by the words in it. `idioms` sound
    worse than they are and are hidden from classifiers."""

    report: tuple[Pattern, ...] = ()
    report_after: tuple[Pattern, ...] = ()
    passed_on: tuple[Pattern, ...] = ()
    report_ends: tuple[Pattern, ...] = ()
    opposed: tuple[Pattern, ...] = ()
    complaint: tuple[Pattern, ...] = ()
    idioms: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """`version` is the digest of the files, and `known` the vocabulary. `insults` are the words of the classes `insult_noun` and
    `insulting`: many of them together are abuse. `severities` are the scores of each severity by category. `foreign` are the
    lexicons of other languages, in folders below this one's."""

    version: str
    entries: tuple[Entry, ...]
    rules: tuple[Rule, ...]
    readings: Readings
    known: frozenset[str]
    insults: frozenset[str]
    severities: Mapping[str, Mapping[Category, float]]
    language: Language = "english"
    foreign: tuple[Lexicon, ...] = ()

    @property
    def prefix(self) -> str:
        return prefix_of(self.language)


def prefix_of(language: Language) -> str:
    """What the ids of a language's rules begin with, so that they are unique across languages."""
    return "" if language == "english" else f"{language}."


def digest(paths: Iterable[Path]) -> str:
    """The version of a lexicon: a hash of its files' names and content."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:12]


def known_words(words: Iterable[str]) -> frozenset[str]:
    """The words that a disguise may hide, without leftovers of spelled-out and disguised words: single letters, digits and
    stars."""
    return frozenset(
        word for word in words if word in "iaur" or (len(word) > 1 and word.replace("'", "").isalpha())
    )
