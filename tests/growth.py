"""Checks that a request does not get slower when its table grows, by counting work, so that a busy machine does not matter."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def sqlite_steps() -> Iterator[list[int]]:
    """Counts SQLite instructions, in hundreds."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 100)
    try:
        yield steps
    finally:
        connection.connection.set_progress_handler(None, 0)


@contextmanager
def plans() -> Iterator[list[str]]:
    """PostgreSQL's plan of each query when sequential scans are too expensive."""
    collected: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and not explaining:
            explaining.append(True)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_sort = off")
                cursor.execute(f"EXPLAIN {sql}", params)
                collected.append("\n".join(line for (line,) in cursor.fetchall()))
            explaining.clear()
        return execute(sql, params, many, context)

    explaining: list[bool] = []
    with connection.execute_wrapper(explain):
        yield collected


def check_growth(request: Callable[[], Any], grow: Callable[[], None], table: str) -> None:
    """The request must do no more work after `grow` has quadrupled the table."""
    if connection.vendor == "postgresql":
        with plans() as collected:
            request()
        of_table = [plan for plan in collected if table in plan]
        assert of_table != []
        assert [p for p in of_table if f"Seq Scan on {table}" in p or "Sort Key" in p] == []
        return
    taken = []
    for _ in range(2):
        request()
        with sqlite_steps() as steps:
            request()
        taken.append(steps[0])
        grow()
    assert taken[1] <= taken[0] * 1.3 + 5, taken
