"""Columns as terms of a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    DurationField,
    F,
    Field,
    FloatField,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.lookups import Exact, IsNull

from engine.backends.django_q.logic import Truth
from engine.backends.django_q.sources import Id, Later, Rows, Source
from engine.backends.django_q.terms import Bool, Double, Number, Related, Summand, Term, Text, Unsupported
from engine.expression.types import Type

LATER: Final[Mapping[str, tuple[Any, Field[Any, Any]]]] = {
    "bool": (False, BooleanField()),
    "int": (0, BigIntegerField()),
    "double": (0.0, FloatField()),
    "string": ("", CharField()),
    "enum": ("", CharField()),
    "timestamp": (None, DateTimeField()),
    "duration": (None, DurationField()),
}


def read(source: Source, type_: Type, own: int, depth: int) -> Term:
    """A source as a term in a condition on rows of this depth."""
    if isinstance(source, Rows):
        assert type_.item is not None
        return Related(source, type_.item, own)
    if isinstance(source, Q):
        if own != depth:
            raise Unsupported("a computed fact inside a condition on the items of a list")
        return Bool(source)
    expression = refer(source, type_, depth - own)
    null: Truth = Q(IsNull(expression, True)) if type_.optional else False
    match type_.kind:
        case "bool":
            return Bool(Q(Exact(expression, Value(True, output_field=BooleanField()))), null)
        case "int" | "timestamp" | "duration":
            return Number((Summand(expression, type_.kind),), 0, null)
        case "double":
            return Double(expression, null)
        case "string" | "enum":
            return Text(expression, isinstance(source, Id), null)
        case _:
            raise Unsupported(f"a {type_.kind} from the database")


def refer(source: Source, type_: Type, levels: int) -> Any:
    """The column of a row that is so many levels further out."""
    if isinstance(source, Later):
        value, field = LATER.get(type_.kind, (None, TextField()))
        return Value(value, output_field=field)
    name = source.column if isinstance(source, Id) else source.name
    reference: Any = F(name) if levels == 0 else OuterRef(name)
    for _ in range(levels - 1):
        reference = OuterRef(reference)
    return reference


def count_of(rows: Any) -> Subquery:
    """Without GROUP BY, so that it is 0 and not null if there are no rows."""
    count = Func(F("pk"), function="COUNT", output_field=BigIntegerField())
    return Subquery(rows.order_by().annotate(comity_count=count).values("comity_count"))
