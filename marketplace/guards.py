"""Unique constraints that decide a race, and how the losing transaction is recognized."""

from dataclasses import dataclass

from django.db import IntegrityError

from marketplace.errors import Refused


@dataclass(frozen=True, slots=True)
class Guard:
    """PostgreSQL reports the constraint's name, SQLite its columns ("orders_order.product_id") or a trigger's message."""

    constraints: frozenset[str]
    columns: frozenset[str]
    code: str
    message: str

    def stopped(self, error: IntegrityError) -> bool:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is not None:
            return diagnosis.constraint_name in self.constraints
        return str(error).removeprefix("UNIQUE constraint failed: ") in self.columns

    def refusal(self) -> Refused:
        return Refused(self.code, self.message)
