"""Inserts a row with a statement that is built once. The ORM builds it for every row, in several times the time that it takes."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, models


def insert(row: models.Model) -> None:
    """Like `row.save(force_insert=True)`, without signals. The row must have a value for every column but its key."""
    if not connection.features.can_return_columns_from_insert:
        row.save(force_insert=True)
        return
    statement, fields = _statement(type(row), connection.vendor)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _statement(model: type[models.Model], vendor: str) -> tuple[str, list[models.Field[Any, Any]]]:
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    assert model._meta.pk is not None
    returned = quote(str(model._meta.pk.column))
    table, places = quote(model._meta.db_table), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING {returned}", fields
