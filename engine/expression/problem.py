"""A problem in a condition, located by a span of characters; the validator turns it into a diagnostic with a file position."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expression.syntax import Span
from engine.expression.types import Type


@dataclass
class ExpressionProblem(Exception):
    """A problem in one expression; `span` counts characters of its text."""

    span: Span
    code: str
    message: str
    hint: str | None = None
    of: Type | None = None
    """For `may-be-null`: the type of the value where it is not null."""


class IncompleteTable(ExpressionProblem):
    """A row is used without a null check, and the table lacks the row `key`. The validator reports it at the table."""

    def __init__(self, span: Span, table: str, key: tuple[object, ...]) -> None:
        super().__init__(span, "incomplete-table", "the row may be null here")
        self.table, self.key = table, key
