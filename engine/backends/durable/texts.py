"""Translate text functions: functions of one text become properties, and searches become ordered comparisons.

A text starts with a prefix if it is not less than the prefix, and less than the prefix followed by a character greater than any
other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.backends.durable.comparison import compare
from engine.backends.durable.questions import Questions
from engine.backends.durable.terms import (
    ALWAYS,
    NEVER,
    Constant,
    Level,
    Operand,
    Slot,
    Terms,
    Test,
    Unfaithful,
    constant,
)
from engine.expression.functions import FUNCTIONS

LONGEST = 500
"""The maximum length of a text to search for."""
PROPERTIES: dict[str, Callable[[Any], Any]] = {
    "size": FUNCTIONS["size"].run,
    "lowerAscii": FUNCTIONS["lowerAscii"].run,
    "trim": FUNCTIONS["trim"].run,
    "start": lambda text: text[:LONGEST],
    "end": lambda text: text[: -LONGEST - 1 : -1],
    "exists": lambda record: True,
    "places": lambda text: [text[n : n + LONGEST] for n in range(len(text))],
}
"""Properties that a fact can have for a text: function results, its beginning, its reversed ending, and the characters at each
position."""


def apply(name: str, value: Operand) -> Operand:
    if name not in PROPERTIES:
        raise Unfaithful(f"`{name}`")
    if isinstance(value, Constant):
        return constant(PROPERTIES[name](value.value))
    assert isinstance(value, Slot)
    return replace(value, functions=(*value.functions, name))


def search(name: str, text: Operand, part: Operand, questions: Questions) -> Terms:
    """The terms under which `text.startsWith(part)`, or another function of two texts, is true."""
    if name == "matches":
        raise Unfaithful("`matches`")
    if not isinstance(part, Constant):
        raise Unfaithful(f"`{name}` with a text that is not constant")
    assert isinstance(part.value, str)
    if len(part.value) > LONGEST:
        raise Unfaithful(
            f"`{name}` with {len(part.value)} characters, of which at most {LONGEST} are allowed"
        )
    if isinstance(text, Constant):
        return ALWAYS if FUNCTIONS[name].run(text.value, part.value) else NEVER
    assert isinstance(text, Slot)
    if name == "startsWith":
        return _begins(apply("start", text), part.value)
    if name == "endsWith":
        return _begins(apply("end", text), part.value[::-1])
    if not part.value:
        return ALWAYS
    places = Level(text.level.depth + 1, text.level, replace(text, functions=(*text.functions, "places")))
    return compare(">=", questions.count(places, _begins(Slot(places), part.value)), constant(1))


def _begins(text: Operand, part: str) -> Terms:
    assert isinstance(text, Slot)
    return (
        frozenset(
            [Test(text, ">=", constant(part)), Test(text, "<", Constant(part, "all that begins with"))]
        ),
    )
