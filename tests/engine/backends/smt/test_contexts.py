"""Every part of a question is made in the question's own context: z3 refuses to mix two, but only where they meet."""

from typing import Any

import pytest

from engine.backends.smt.terms import Term, Terms
from engine.backends.smt.z3_solver import Z3

TERMS = Terms()
SCORE, LIMIT, HALF = (
    TERMS.variable("double", "score"),
    TERMS.variable("double", "limit"),
    TERMS.constant("double", 0.5),
)
COUNT, TWO = TERMS.variable("int", "count"), TERMS.integer(2)
NAME, WORD = TERMS.variable("text", "name"), TERMS.constant("text", "desk")
IS_OPEN = TERMS.variable("bool", "is_open")
QUESTION = [
    TERMS.lt(SCORE, HALF),
    TERMS.le(HALF, LIMIT),
    TERMS.not_(TERMS.eq(SCORE, LIMIT)),
    TERMS.eq(TERMS.ite(IS_OPEN, SCORE, LIMIT), SCORE),
    TERMS.le(TERMS.sub(TERMS.mul(TERMS.add(COUNT, TWO), TWO), TWO), TERMS.integer(9)),
    TERMS.eq(TERMS.divmod(COUNT, TWO)[1], TERMS.integer(1)),
    TERMS.or_([TERMS.eq(NAME, WORD), TERMS.apply("startsWith", "bool", (NAME, WORD))]),
]
SUMS = [
    TERMS.lt(TERMS.arithmetic("fadd", SCORE, HALF), LIMIT),
    TERMS.lt(TERMS.arithmetic("fsub", SCORE, HALF), LIMIT),
]


def parts(term: Any) -> list[Any]:
    return [term, *(part for child in term.children() for part in parts(child))]


@pytest.mark.parametrize("strings", [False, True])
@pytest.mark.parametrize(("ieee", "question"), [(False, QUESTION), (True, [*QUESTION, *SUMS])])
def test_every_part_is_in_the_context_of_its_question(
    ieee: bool, question: list[Term], strings: bool
) -> None:
    asked = Z3(ieee=ieee, strings=strings)
    for term in question:
        assert [part for part in parts(asked.term(term)) if part.ctx is not asked.context] == []
    asked.add(question)
    assert asked.check(effort=50_000_000, milliseconds=None) == ("found", "")
    values = asked.values({"score": SCORE, "limit": LIMIT, "count": COUNT, "is_open": IS_OPEN})
    assert values["score"] < 0.5 <= values["limit"]
    assert values["count"] % 2 == 1
    assert values["is_open"]
