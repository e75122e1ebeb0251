"""The facts check as a condition: whether the facts of a row are what the policy declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Exists, F, Field, Func, Model, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThanOrEqual

from engine.backends.django_q.columns import count_of, read
from engine.backends.django_q.comparison import as_text, compare
from engine.backends.django_q.logic import Truth, all_of, any_of, opposite
from engine.backends.django_q.sources import Id, Later, Part, Rows, Source, column_of, is_plain
from engine.backends.django_q.terms import Double, Known, Number, Summand, Text
from engine.expression.types import MAX_DOUBLE, MAX_DURATION, MAX_INT, MAX_TIMESTAMP, Type
from engine.facts.check import FactsCheck

RANGES: Final = {"int": (-MAX_INT, MAX_INT), "timestamp": (0, MAX_TIMESTAMP), "duration": (0, MAX_DURATION)}


class Misfit(Exception):
    """A plain value is not what the policy declares, whatever the row."""


def prepare(source: Source, type_: Type) -> Source:
    """The source with every plain value checked, and in the engine's representation. Raises Misfit."""
    if is_plain(source):
        checked, errors = FactsCheck({"fact": type_}).check({"fact": source})
        if errors:
            raise Misfit
        return Known(checked["fact"])
    if isinstance(source, Mapping):
        fields = dict(type_.fields)
        if source.keys() - fields.keys():
            raise Misfit
        return {name: prepare(source.get(name), of) for name, of in fields.items()}
    if isinstance(source, Rows):
        item = type_.item
        assert item is not None
        return Rows(tuple(Part(p.rows, prepare(p.item, item), p.at_most) for p in source.parts))
    return source


def fits(source: Source, type_: Type, model: type[Model] | None, depth: int = 0) -> Truth:
    """Whether a prepared source has a valid value. `model` is that of its rows."""
    if isinstance(source, Known | Q | Later):
        return True
    if isinstance(source, Mapping):
        return all_of(fits(source[name], of, model, depth) for name, of in type_.fields)
    if isinstance(source, Rows):
        return all_of(_list_fits(source, type_, depth))
    field = field_of(source, model)
    expression = F(column_of(source) or "")
    there = True if field is not None and not field.null else Q(IsNull(expression, False))
    valid = all_of(_value_fits(source, type_, field, depth))
    return any_of([opposite(there), valid]) if type_.optional else all_of([there, valid])


def _list_fits(rows: Rows, type_: Type, depth: int) -> Iterator[Truth]:
    assert type_.item is not None
    most = [part.at_most for part in rows.parts]
    if None in most or sum(filter(None, most)) > type_.max_items:
        size = Number(tuple(Summand(count_of(part.rows), "int") for part in rows.parts))
        yield compare("<=", size, Known(type_.max_items))
    for part in rows.parts:
        item = fits(part.item, type_.item, part.rows.model, depth + 1)
        if item is False:
            yield Q(~Exists(part.rows))
        elif item is not True:
            yield Q(~Exists(part.rows.filter(opposite(item))))


def _value_fits(source: Source, type_: Type, field: Field[Any, Any] | None, depth: int) -> Iterator[Truth]:
    """What a value that is not null must be."""
    term = read(source, type_, depth, depth)
    if isinstance(term, Number):
        low, high = RANGES[type_.kind]
        yield compare(">=", term, Known(low if type_.minimum is None else max(low, int(type_.minimum))))
        yield compare("<=", term, Known(high if type_.maximum is None else min(high, int(type_.maximum))))
    elif isinstance(term, Double):
        low_, high_ = type_.minimum, type_.maximum
        yield Q(GreaterThanOrEqual(term.expression, Value(-MAX_DOUBLE if low_ is None else float(low_))))
        yield Q(LessThanOrEqual(term.expression, Value(MAX_DOUBLE if high_ is None else float(high_))))
    elif isinstance(term, Text):
        if type_.kind == "enum":
            yield any_of(compare("==", term, Known(member)) for member in type_.members)
        elif not isinstance(source, Id):
            longest = None if field is None else field.max_length
            if longest is None or longest > type_.max_length:
                length = Number((Summand(Length(as_text(term)), "int"),))
                yield compare("<=", length, Known(type_.max_length))
            yield Q(~_HasNul(term.expression))


def field_of(source: Source, model: type[Model] | None) -> Field[Any, Any] | None:
    """The field of a column, if it is one of the row itself."""
    name = column_of(source)
    try:
        found = None if model is None or name is None else model._meta.get_field(name)
    except FieldDoesNotExist:
        return _by_attname(name, model)
    return found if isinstance(found, Field) else None


def _by_attname(name: str | None, model: type[Model] | None) -> Field[Any, Any] | None:
    fields = [] if model is None else model._meta.concrete_fields
    return next((field for field in fields if field.attname == name), None)


class _HasNul(Func):
    """Whether a text holds U+0000, which the facts check refuses. PostgreSQL stores no such text."""

    output_field = BooleanField()
    template = "FALSE"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="INSTR(%(expressions)s, CHAR(0)) > 0", **context)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **options: Any) -> Any:
        sql, params = super().as_sql(compiler, connection, *args, **options)
        return sql, params if "template" in options else []
