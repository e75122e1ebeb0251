"""Values whose timestamps and durations are Python's `datetime` and `timedelta` instead of whole microseconds.

Both kinds of values compare, add and subtract alike. A function that gets and returns Python's need not convert them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.expression.quantity import (
    format_decimal,
    from_datetime,
    parse_duration,
    timestamp,
    to_datetime,
)
from engine.expression.types import MAX_DURATION, Type
from engine.policy.model import Parameter, Table
from engine.policy.validated import ValidatedPolicy

LONGEST = timedelta(microseconds=MAX_DURATION)
_MICROSECOND = timedelta(microseconds=1)


def moment(value: Any) -> datetime | None:
    """The value of a timestamp in UTC, or None if it is not clearly valid."""
    if type(value) is str:
        return timestamp(value)
    micros = from_datetime(value) if type(value) is datetime else None
    return None if micros is None else to_datetime(micros)


def span(value: Any) -> timedelta | None:
    """The value of a duration, or None if it is not clearly valid."""
    if type(value) is str:
        micros = parse_duration(value)
        return None if micros is None else timedelta(microseconds=micros)
    return value if type(value) is timedelta and timedelta(0) <= value <= LONGEST else None


def with_times(value: Any, type_: Type) -> Any:
    """The engine's value with Python's times."""
    if value is None:
        return None
    if type_.kind == "timestamp":
        return to_datetime(value)
    if type_.kind == "duration":
        return timedelta(microseconds=value)
    if type_.item is not None:
        item = type_.item
        return tuple(with_times(v, item) for v in value)
    return value


def without_times(value: Any, type_: Type) -> Any:
    """The engine's value; inverse of `with_times`."""
    if isinstance(value, datetime):
        return from_datetime(value)
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, list | tuple) and type_.item is not None:
        item = type_.item
        return [without_times(v, item) for v in value]
    if isinstance(value, dict):
        return {name: without_times(value[name], field) for name, field in type_.fields}
    return value


def policy_with_times(validated: ValidatedPolicy) -> ValidatedPolicy:
    """The same policy, whose parameters and defaults have Python's times. Its literals do not."""
    policy = validated.policy
    parameters = {name: _parameter(p) for name, p in policy.parameters.items()}
    outputs = {name: replace(o, default=with_times(o.default, o.type)) for name, o in policy.outputs.items()}
    return replace(validated, policy=replace(policy, parameters=parameters, outputs=outputs))


def _parameter(parameter: Parameter) -> Parameter:
    table = None if parameter.table is None else _table(parameter.table)
    return replace(parameter, value=with_times(parameter.value, parameter.type), table=table)


def _table(table: Table) -> Table:
    types = [type_ for _, type_ in table.columns]
    rows = tuple(tuple(map(with_times, row, types)) for row in table.rows)
    return replace(table, rows=rows)


def presented(type_: Type) -> Callable[[Any], Any] | None:
    """The conversion of a value for an output, as `to_python` does it; None if there is nothing to convert."""
    if type_.kind not in ("decimal", "list", "record"):
        return None
    return lambda value: _present(value, type_)


def _present(value: Any, type_: Type) -> Any:
    if value is None:
        return None
    if type_.item is not None:
        item = type_.item
        return tuple(_present(v, item) for v in value)
    if type_.kind == "record":
        return {name: _present(value[name], field) for name, field in type_.fields}
    if type_.kind == "decimal":
        return Decimal(format_decimal(value, type_.scale))
    return value
