"""Questions: parts of conditions that durable-rules answers first, so that later ones can test the answer as a property.

Whatever would need a join, a nested alternative or a negation of several tests becomes a question, so that no rule is more
than a list of tests of one fact. Joins, nested `$or` and `anyItem` of durable-rules are each wrong in corners.
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
    """`stage` is later than that of every question whose answer it needs."""

    number: int
    level: Level
    terms: Terms
    stage: int


class Questions:
    """The questions of one policy, each asked once."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self._known: dict[tuple[Level, Terms], int] = {}

    def stage_of(self, terms: Terms) -> int:
        """The first stage in which all that the terms test is known."""
        needed = (self.asked[s.question].stage for s in slots_of(terms) if s.source in ("holds", "count"))
        return max(needed, default=-1) + 1

    def _ask(self, level: Level, terms: Terms) -> int:
        if (level, terms) not in self._known:
            number = len(self.asked)
            self.asked.append(Question(number, level, terms, self.stage_of(terms)))
            self._known[level, terms] = number
        return self._known[level, terms]

    def holds(self, terms: Terms) -> Slot:
        """The property that says whether the terms hold."""
        level = max((slot.level for slot in slots_of(terms)), key=lambda level: level.depth, default=ROOT)
        return Slot(level, source="holds", question=self._ask(level, terms))

    def count(self, level: Level, terms: Terms) -> Operand:
        """The number of items of the list that `level` is of, of which the terms hold."""
        assert level.parent is not None and level.source is not None
        if terms == ALWAYS:
            return size_of(level.source)
        if terms == NEVER:
            return constant(0)
        return Slot(level.parent, source="count", question=self._ask(level, terms))

    def all_of(self, parts: Iterable[Terms]) -> Terms:
        """Alternatives are kept for one part, the longest; those of the others are asked before."""
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
    """The number of items of a list; absent where the list is."""
    return Slot(source.level, source.name, source.nullable, source="size")
