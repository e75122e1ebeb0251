"""Hints for conditions in the syntax of other languages. A wrong hint is worse than none."""

import pytest

from engine.expression.checker import check
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import Scope
from engine.expression.types import BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, Type

ITEM = Type("record", fields=(("code", STRING), ("due_at", TIMESTAMP)))
SCOPE = Scope(
    {
        "amount": INT, "risk": INT, "weight": DOUBLE, "name": STRING, "paid": BOOL, "sent_at": TIMESTAMP, "waited": DURATION,
        "kyc": Type("enum", members=("none", "pending", "verified")), "items": Type("list", item=ITEM),
        "words": Type("list", item=STRING),
    },
    {}, {}, {"row": Type("record", fields=(("low", INT), ("high", INT)))},
)  # fmt: skip


def problems_of(text: str) -> list[ExpressionProblem]:
    try:
        return check(parse(text), SCOPE, written=text)[1]
    except ExpressionProblem as problem:
        return [problem]


@pytest.mark.parametrize("text", ["frobnicate(amount) > 3", "name.frobnicate()", "mox(amount, 1) > 2"])
def test_an_unknown_function_is_reported_with_the_functions_there_are(text: str):
    [problem] = problems_of(text)
    assert problem.hint is not None and problem.hint.startswith("known here: ")


@pytest.mark.parametrize(
    "text", ["amount > 3 paid", "amount >", "amount > ", '"a', "amount ** 3", "amount ; 3", "(amount > 3"]
)
def test_what_nothing_is_known_of_still_has_a_hint(text: str):
    [problem] = problems_of(text)
    assert problem.hint


def test_a_row_of_no_table_where_there_are_no_tables():
    [problem] = problems_of("name.row(3)")
    assert problem.message == "`name` is a string, not a table"
    assert problem.hint == "declare the table under `parameters`"


def test_in_is_a_separate_word():
    """`not injured` used to be read as `not in jured`."""
    [problem] = problems_of("paid injured")
    assert problem.message == "unexpected `injured`"
    assert problems_of('name in["a"]') == []
