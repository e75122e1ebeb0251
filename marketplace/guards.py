"""Unique constraints that decide a race, and what becomes of the transaction that lost it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError

from marketplace.errors import Refused
from marketplace.transactions import patiently

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Guard:
    """PostgreSQL reports the constraint's name, SQLite its columns ("orders_order.product_id") or the message of a
    trigger."""

    constraints: frozenset[str]
    columns: frozenset[str]
    code: str
    message: str

    def stopped(self, error: IntegrityError) -> bool:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is not None:
            return diagnosis.constraint_name in self.constraints
        return str(error).removeprefix("UNIQUE constraint failed: ") in self.columns


def attempt_twice(attempt: Callable[[], Answer], guard: Guard, *, repeatable: bool = False) -> Answer:
    """Runs a whole transaction `patiently`; where another one won the race for the guard, runs it once more, so
    that the policy decides on fresh facts. Raises Refused when the guard stops that one too."""
    try:
        return patiently(attempt, repeatable=repeatable)
    except IntegrityError as error:
        if not guard.stopped(error):
            raise
    try:
        return patiently(attempt, repeatable=repeatable)
    except IntegrityError as error:
        if not guard.stopped(error):
            raise
        raise Refused(guard.code, guard.message) from error
