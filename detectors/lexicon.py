"""What the lexicon folder says: words by category and severity, rules made of patterns, and how reports are recognized."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.patterns import Pattern
from detectors.signal import Category


@dataclass(frozen=True)
class Entry:
    """Phrases that count wherever they stand. A `may_be_name` word is none where it is written as a name is: Dick, Cock."""

    category: Category
    score: float
    phrases: tuple[str, ...]
    unless_near: tuple[Pattern, ...] = ()
    may_be_name: bool = False


@dataclass(frozen=True)
class Rule:
    """One of `match` says it, unless one of `unless_before` ends where it begins, or one of `unless_near` is in its sentence;
    and each of `only_with` must stand in the sentences around.

    A `reported` rule finds what somebody says was done or said to them. What an `own` rule finds is the author's own word
    even where it reports: a threat that is passed on. An `opposable` rule only holds where the sentence speaks against it.
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


@dataclass(frozen=True)
class Readings:
    """`report` begins a report, `report_ends` ends it, `report_after` stands behind what it reports; `opposed` is in a
    sentence that denies or condemns what it says; `idioms` sound worse than they are, and classifiers do not see them."""

    report: tuple[Pattern, ...] = ()
    report_after: tuple[Pattern, ...] = ()
    report_ends: tuple[Pattern, ...] = ()
    opposed: tuple[Pattern, ...] = ()
    idioms: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """`version` is the digest of its files, `known` every word in it, `insults` those of which
    many are abuse: the classes `insult_noun` and `insulting`."""

    version: str
    entries: tuple[Entry, ...]
    rules: tuple[Rule, ...]
    readings: Readings
    known: frozenset[str]
    insults: frozenset[str]
    severities: Mapping[str, float]


def digest(paths: Iterable[Path]) -> str:
    """The version of a lexicon: what its files hold, whenever they were written."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:12]


def known_words(words: Iterable[str]) -> frozenset[str]:
    """Those that a disguise may hide. Single letters come from spelled-out words, digits and stars from disguised ones."""
    return frozenset(
        word for word in words if word in "iaur" or (len(word) > 1 and word.replace("'", "").isalpha())
    )
