"""What a scope knows not to be null, and what it forgets when a name is rebound."""

from engine.expression.scope import Scope, path_of
from engine.expression.typed import Const, FactRef, Field, Now, Row, Sum, Variable
from engine.expression.types import INT, STRING, TIMESTAMP, Type

ITEM = Type("record", fields=(("at", TIMESTAMP),))


def test_variable_of_a_name_hides_another_of_that_name_and_what_was_known_of_it() -> None:
    known = frozenset([("fact", "x"), ("var", "x"), ("var", "x", "at"), ("var", "y", "x")])
    scope = Scope({"x": INT}, {}, {}, {"x": ITEM, "y": ITEM}, known)
    assert scope.binding("x", STRING) == Scope(
        {"x": INT}, {}, {}, {"x": STRING, "y": ITEM}, frozenset([("fact", "x"), ("var", "y", "x")])
    )


def test_path_of_what_can_be_known_not_to_be_null() -> None:
    variable = Variable(ITEM, (0, 1), "x")
    assert path_of(FactRef(INT, (0, 1), "x")) == ("fact", "x")
    assert path_of(variable) == ("var", "x")
    assert path_of(Field(TIMESTAMP, (0, 4), variable, "at")) == ("var", "x", "at")
    assert path_of(Field(TIMESTAMP, (0, 4), FactRef(ITEM, (0, 1), "x"), "at")) == ("fact", "x", "at")
    row = Row(ITEM, (0, 4), "fees", (FactRef(STRING, (0, 1), "city"), Const(INT, (0, 1), 3)))
    assert path_of(Field(TIMESTAMP, (0, 4), row, "at")) == ("row", "fees", "fact.city", "3", "at")
    total = Sum(INT, (0, 3), "+", FactRef(INT, (0, 1), "x"), Const(INT, (0, 1), 1))
    assert path_of(Row(ITEM, (0, 4), "fees", (total,))) is None
    assert path_of(Now(TIMESTAMP, (0, 3))) is None


def test_names_of_every_kind_are_taken() -> None:
    scope = Scope({"a": INT}, {"b": INT}, {}, {"c": INT})
    assert scope.names() == {"a", "b", "c", "now"}
    assert [name for name in ("a", "b", "c", "d", "now") if scope.taken(name)] == ["a", "b", "c", "now"]
