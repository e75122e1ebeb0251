"""A statement for another database that decides about every row of a table there.

No engine is at hand there: a row about which SQL alone is not sure has NULL in all columns of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from documents.diagnostics import Diagnostic
from engine.backends.backend import NotExpressible
from engine.backends.sql.dialects.postgresql import POSTGRESQL
from engine.backends.sql.dialects.spark import SPARK
from engine.backends.sql.dialects.tables import TableDialect
from engine.backends.sql.facts import Checked, check_fact
from engine.batch.versions import write_versions
from engine.bundle import Versions
from engine.expression.types import TIMESTAMP, Type

DIALECTS: Mapping[str, TableDialect] = {"postgresql": POSTGRESQL, "spark": SPARK}


class BadTable(Exception):
    """The versions of a policy need different columns of one name; the message says which."""


def write_statement(
    sql: TableDialect,
    versions: Versions,
    table: str,
    now: int | str | None,
    wanted: Sequence[str],
    keep: Sequence[str] | None = None,
) -> str:
    """`now` is a moment in microseconds, a column, or by default the moment at which the statement runs. Raises NotExpressible,
    and BadTable."""
    types = _types(sql, versions)
    if isinstance(now, str):
        types.setdefault(now, sql.column_types(TIMESTAMP))
    columns = {name: f"g{number}" for number, name in enumerate(types)}
    forms = {
        version.version: {
            name: _checked(sql, columns[name], fact.type)
            for name, fact in version.validated.policy.facts.items()
        }
        for version in versions.deciding
    }
    if isinstance(now, int):
        at = Checked(sql.whole(now), "TRUE")
    elif now is None:
        at = Checked(sql.micros(sql.present), "TRUE")
    else:
        at = _checked(sql, columns[now], TIMESTAMP)
    quoted = ".".join(sql.name(part) for part in table.split("."))
    decided = write_versions(sql, versions, forms, sql.rows(quoted, columns), at, wanted)
    if decided.not_expressible:
        raise NotExpressible(_all(decided.not_expressible))
    shown = {name: f"CASE WHEN certain THEN {decided.column(sql, name, 'NULL')} END" for name in wanted}
    statement = sql.result(quoted, decided.source, keep, shown)
    return f"{_header(versions, table, types)}{statement}\n"


def _types(sql: TableDialect, versions: Versions) -> dict[str, tuple[str, ...]]:
    """The types that the column of each fact may have."""
    types: dict[str, tuple[str, ...]] = {}
    for version in versions.deciding:
        for name, fact in version.validated.policy.facts.items():
            accepted = sql.column_types(fact.type)
            if types.setdefault(name, accepted) != accepted:
                raise BadTable(
                    f"the versions of the policy declare the fact `{name}` with different types, which one column cannot have"
                )
    return types


def _checked(sql: TableDialect, column: str, type_: Type) -> Checked:
    value, given = sql.given(column, type_)
    checked = check_fact(sql, value, given, type_)
    valid = f"({sql.has_type(column, sql.column_types(type_))} AND {checked.valid})"
    return replace(checked, valid=valid)


def _all(problems: Mapping[int, tuple[Diagnostic, ...]]) -> tuple[Diagnostic, ...]:
    return tuple(diagnostic for number in sorted(problems) for diagnostic in problems[number])


def _header(versions: Versions, table: str, types: Mapping[str, tuple[str, ...]]) -> str:
    numbers = ", ".join(str(version.version) for version in versions.deciding)
    name = versions.all[0].name
    lines = [
        f"The policy {name}, version {numbers}. Write this again when the policy changes.",
        f"It reads these columns of {table}:",
    ]
    lines += [f"  {column} {' or '.join(accepted)}" for column, accepted in types.items()]
    return "".join(f"-- {line}\n" for line in lines)
