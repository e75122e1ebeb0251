"""What is wrong with a condition, by its span of characters; the validator turns it into a diagnostic with a place."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expression.syntax import Span


@dataclass
class ExpressionProblem(Exception):
    """A problem of one expression; `span` counts characters of its text."""

    span: Span
    code: str
    message: str
    hint: str | None = None
