"""Compile the lexicon's patterns over words to RE2.

    {i_will} really? {harm} {you}         a class, an optional word, two classes
    (kill|murder) ..3 (all|each of) you   a choice of words, up to three words of any kind, a choice of phrases
    {slur}'s house                        the possessive of each phrase of a class
    START idiot END                       begins a sentence, ends one; BREAK is the end of a sentence or a comma
    i know where {name} lives             {name} is a capitalized word that the lexicon does not know
    pay {number}                          {number} is written in digits

A comma may appear between any two words. A `,` in a pattern requires one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import re2

from documents.diagnostics import did_you_mean

Classes = Mapping[str, tuple[str, ...]]

_MARKS: Final = {"START": r"\. ", "END": r"\. ", "BREAK": r"[.,] ", ",": ", "}
_GAP: Final = re.compile(r"\.\.([1-9])")
_SPLIT: Final = re.compile(r"\([^()]*\)\??|\S+")
_ELEMENT: Final = re.compile(r"(?:\((?P<choices>[^?()]+)\)|(?P<single>[^?()]+))(?P<optional>\?)?")
_CHOICE: Final = re.compile(
    r"\{(?P<named>[a-z_]+)\}(?P<possessive>'s)?|(?P<word>[a-z0-9'*]+(?: [a-z0-9'*]+)*)|(?P<mark>END|BREAK)"
)
_NAME: Final = "name"
_NUMBER: Final = "number"
BUILT_IN: Final = (_NAME, _NUMBER)
"""Classes that every lexicon has."""
MAX_LENGTH: Final = 800
MAX_EXPANDED: Final = 50_000
"""The number of characters, with the words of all classes. RE2 compiles twice as many, so compiling later cannot fail."""


class PatternError(ValueError):
    """What is wrong with a pattern, in one sentence, with a hint if there is one."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Pattern:
    """`needs` has non-empty sets of words. A text that contains no word of one of the sets cannot match."""

    expanded: str
    needs: tuple[frozenset[str], ...]
    words: frozenset[str]

    @cached_property
    def regexp(self) -> Any:
        """Compiled on first use: most processes read the lexicon only to check it."""
        return re2.compile(self.expanded.encode(), _options())


def compile_pattern(
    text: str, classes: Classes, *, ends_here: bool = False, indexed: bool = True, trimmed: bool = False
) -> Pattern:
    """Compile a pattern. With `ends_here`, it must match up to the end of the searched text; an `indexed` one must require a
    word. A `trimmed` one ignores a gap at the end, which would extend the match past the quotation that contains it."""
    if len(text) > MAX_LENGTH:
        raise PatternError(f"a pattern has at most {MAX_LENGTH} characters")
    elements = _SPLIT.findall(text)
    while trimmed and elements and _GAP.fullmatch(elements[-1]):
        elements.pop()
    if not elements:
        raise PatternError("a pattern needs a word")
    pieces: list[str] = []
    needs: list[frozenset[str]] = []
    words: set[str] = set()
    for last, element in _with_last(elements):
        if element in _MARKS:
            pieces.append(_MARKS[element])
        elif gap := _GAP.fullmatch(element):
            pieces.append(rf"(?:[^ .,]+ (?:, )?){{0,{gap[1]}}}")
        else:
            optional, alternatives = _alternatives(element, classes)
            words |= _words(alternatives)
            pieces.append(_one_of(alternatives, last=last) + ("?" if optional else ""))
            if not optional and not alternatives & _SPECIAL:
                needs.append(_first_words(alternatives))
    if indexed and not needs:
        raise PatternError(f"`{text}` needs a word that may not be missing")
    body = "".join(pieces)
    start = r"\b" if body[0] not in "\\[," else ""
    expanded = start + body + ("$" if ends_here else "")
    if len(expanded) > MAX_EXPANDED:
        hint = "use smaller classes, or split it into several patterns"
        raise PatternError(f"with its classes a pattern has at most {MAX_EXPANDED:,} characters", hint)
    return Pattern(expanded, tuple(needs), frozenset(words))


_NAMED: Final = "^"
_DIGITS: Final = "#"
_SPECIAL: Final = frozenset({_NAMED, _DIGITS, "END", "BREAK"})


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    return options


def _with_last(elements: list[str]) -> Iterator[tuple[bool, str]]:
    return ((at == len(elements) - 1, element) for at, element in enumerate(elements))


def _alternatives(element: str, classes: Classes) -> tuple[bool, frozenset[str]]:
    shape = _ELEMENT.fullmatch(element)
    if "|" in element and not element.startswith("("):
        # `no one|nobody` would mean `no`, followed by `one` or `nobody`
        hint = f"write `({element})`, or put the whole phrase inside, as in `(no one|nobody)`"
        raise PatternError(f"`{element}` is a choice outside parentheses", hint)
    if shape is None:
        raise PatternError(f"`{element}` is neither a word nor a class")
    phrases: list[str] = []
    for choice in (shape["choices"] or shape["single"]).split("|"):
        part = _CHOICE.fullmatch(choice)
        if part is None:
            raise PatternError(f"`{choice}` is neither a word nor a class")
        if part["word"] or part["mark"]:
            phrases.append(choice)
        elif part["possessive"] and part["named"] in BUILT_IN:
            raise PatternError(f"`{choice}` has no possessive")
        elif part["named"] == _NAME:
            phrases.append(_NAMED)
        elif part["named"] == _NUMBER:
            phrases.append(_DIGITS)
        elif part["named"] in classes:
            phrases += (phrase + (part["possessive"] or "") for phrase in classes[part["named"]])
        else:
            known = did_you_mean(part["named"], {*classes, *BUILT_IN})
            raise PatternError(f"there is no class `{part['named']}`", known)
    return shape["optional"] is not None, frozenset(phrases)


@cache
def _words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases - _SPECIAL for word in phrase.split())


@cache
def _first_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(phrase.split(" ", 1)[0] for phrase in phrases)


@cache
def _one_of(phrases: frozenset[str], *, last: bool) -> str:
    words = sorted(phrases - _SPECIAL, key=lambda phrase: (-len(phrase.split()), phrase))
    choices = [phrase.replace("*", r"\*") for phrase in words]
    if _NAMED in phrases:
        choices.append(r"[^ .,^]+\^")
    if _DIGITS in phrases:
        choices.append("[0-9]+k?")
    spaced = f"(?:{'|'.join(choices)}) " + ("" if last else "(?:, )?")
    marks = [_MARKS[mark] for mark in ("BREAK", "END") if mark in phrases]
    return f"(?:{'|'.join([spaced, *marks])})"
