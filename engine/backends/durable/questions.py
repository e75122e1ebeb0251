"""Questions: parts of conditions that durable-rules evaluates first, so that later parts can test the answer as a property.

Anything that needs a join, a nested alternative or a negation of several tests becomes a question, so that every rule is a plain
list of tests of one fact. Joins, nested `$or` and `anyItem` of durable-rules give wrong results in corner cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.backends.durable.terms import (
    ALWAYS,
    NEVER,
    ROOT,
    TRUE,
    Level,
    Operand,
    Slot,
    Term,
    Terms,
    Test,
    any_of,
    complement,
    constant,
    one,
    slots_of,
)


@dataclass(frozen=True, slots=True)
class Question:
    """`stage` is later than the stage of every question whose answer this one needs."""

    number: int
    level: Level
    terms: Terms
    stage: int


class Questions:
    """The distinct questions of one policy."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self._known: dict[tuple[Level, Terms], int] = {}

    def stage_of(self, terms: Terms) -> int:
        """The first stage in which everything that the terms test is known."""
        needed = (self.asked[s.question].stage for s in slots_of(terms) if s.source in ("holds", "count"))
        return max(needed, default=-1) + 1

    def _ask(self, level: Level, terms: Terms) -> int:
        if (level, terms) not in self._known:
            number = len(self.asked)
            self.asked.append(Question(number, level, terms, self.stage_of(terms)))
            self._known[level, terms] = number
        return self._known[level, terms]

    def holds(self, terms: Terms) -> Slot:
        """The property that says whether the terms are true."""
        level = max((slot.level for slot in slots_of(terms)), key=lambda level: level.depth, default=ROOT)
        return Slot(level, source="holds", question=self._ask(level, terms))

    def count(self, level: Level, terms: Terms) -> Operand:
        """The number of items in the list of `level` for which the terms are true."""
        assert level.parent is not None and level.source is not None
        if terms == ALWAYS:
            return size_of(level.source)
        if terms == NEVER:
            return constant(0)
        return Slot(level.parent, source="count", question=self._ask(level, terms))

    def all_of(self, parts: Iterable[Terms]) -> Terms:
        """Combine parts that must all be true. Only the longest keeps its alternatives; the others become questions."""
        sure: Term = frozenset()
        several: list[Terms] = []
        for terms in dict.fromkeys(parts):
            if terms == NEVER:
                return NEVER
            if len(terms) == 1:
                sure |= terms[0]
            else:
                several.append(terms)
        several.sort(key=len)
        longest = several.pop() if several else ALWAYS
        sure |= {Test(self.holds(terms), "==", TRUE) for terms in several}
        return any_of([tuple(term | sure for term in longest)])

    def none_of(self, terms: Terms) -> Terms:
        if terms == NEVER:
            return ALWAYS
        if terms == ALWAYS:
            return NEVER
        if len(terms) == 1:
            return any_of(one(complement(literal)) for literal in terms[0])
        return self.all_of(self.none_of((term,)) for term in terms)


def size_of(source: Slot) -> Slot:
    """The property for the number of items in a list; it is absent if the list is null."""
    return Slot(source.level, source.name, source.nullable, source="size")
