"""For tests with more rows than any request has."""

from django.db import connection


def allow_long_statements() -> None:
    """PostgreSQL ends no statement of this transaction after a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")


def analyze() -> None:
    """What a database does by itself while rows are added one by one: without it, queries are planned for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
