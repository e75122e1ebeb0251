"""Statements over more rows than any request has."""

from django.db import connection


def allow_long_statements() -> None:
    """PostgreSQL ends no statement of this transaction after a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
