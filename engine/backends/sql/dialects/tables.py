"""What a dialect has to spell in addition, to decide about the rows of a table in its own database."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from engine.backends.sql.dialects.dialect import Dialect
from engine.backends.sql.facts import Given
from engine.expression.types import Type


class TableDialect(Dialect):
    present: str
    """The moment of the statement."""

    @abstractmethod
    def column_types(self, type_: Type) -> tuple[str, ...]:
        """The types that the column of a fact may have, the usual one first."""

    @abstractmethod
    def given(self, column: str, type_: Type) -> tuple[str, Given]:
        """The value of such a column, and the form in which it arrives."""

    @abstractmethod
    def has_type(self, column: str, types: Sequence[str]) -> str:
        """Whether a column has one of these types, as a condition."""

    @abstractmethod
    def rows(self, table: str, columns: Mapping[str, str]) -> str:
        """What can stand behind FROM: the rows of a table, with its columns under other names."""

    @abstractmethod
    def result(self, table: str, source: str, keep: Sequence[str] | None, columns: Mapping[str, str]) -> str:
        """The statement: columns of the table, by default all, and expressions over `source`, which is made from its rows."""
