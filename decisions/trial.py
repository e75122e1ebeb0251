"""What a policy would decide with other parameter values. For preview only."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from decisions import bundles
from engine import Bundle, UnknownPolicy
from engine.backends.python.compiler import compile_policy
from engine.bundle import Versions
from engine.compiled import CompiledPolicy
from engine.policy.model import Parameter, Table, Value
from engine.policy.parameter_settings import with_parameters

DIGEST = "trial"
"""Replaces the bundle's digest in the decisions of a trial."""

NUMBERS = frozenset({"double", "int"})


@dataclass(frozen=True, slots=True)
class Tunable:
    """An adjustable number: a parameter, or a non-key cell of a table parameter."""

    name: str
    """`look_from`, or `thresholds[dispute/threat].block`."""
    parameter: str
    value: float | int
    minimum: float | int | None = None
    maximum: float | int | None = None
    help: str = ""
    row: tuple[tuple[str, Value], ...] = ()
    """The key columns of the cell's row, with their values."""
    column: str = ""

    def read(self, text: str) -> float | int:
        """Raises ValueError with a sentence for people."""
        try:
            number = int(text) if isinstance(self.value, int) else float(text)
        except ValueError:
            wanted = "a whole number" if isinstance(self.value, int) else "a number"
            raise ValueError(f"This should be {wanted}.") from None
        if not math.isfinite(number):
            raise ValueError("This should be a number.")
        if self.minimum is not None and number < self.minimum:
            raise ValueError(f"This should be at least {self.minimum}.")
        if self.maximum is not None and number > self.maximum:
            raise ValueError(f"This should be at most {self.maximum}.")
        return number


def tunables(policy: str, *, now: datetime) -> tuple[Tunable, ...]:
    """Of the version in force at `now`, in document order. Raises UnknownPolicy or PolicyNotInForce."""
    return tunables_of(bundles.current().version_at(policy, now))


def tunables_of(version: CompiledPolicy) -> tuple[Tunable, ...]:
    """In document order."""
    parameters = version.validated.policy.parameters
    return tuple(tunable for parameter in parameters.values() for tunable in _tunables_of(parameter))


def _tunables_of(parameter: Parameter) -> Iterator[Tunable]:
    help_ = parameter.help or ""
    if parameter.table is not None:
        for row in parameter.table.rows:
            yield from _cells(parameter.name, parameter.table, row, help_)
    elif parameter.type.kind in NUMBERS and isinstance(parameter.value, float | int):
        yield Tunable(
            parameter.name, parameter.name, parameter.value, parameter.minimum, parameter.maximum, help_
        )


def _cells(name: str, table: Table, row: tuple[Value, ...], help_: str) -> Iterator[Tunable]:
    cells = list(zip(table.columns, row, strict=True))
    key = tuple((column, value) for (column, _), value in cells if column in table.key)
    for (column, type_), value in cells:
        if column not in table.key and type_.kind in NUMBERS and isinstance(value, float | int):
            cell = f"{name}[{table.row_name(row)}].{column}"
            yield Tunable(cell, name, value, help=help_, row=key, column=column)


def adjusted(policy: str, values: Mapping[str, float | int], *, now: datetime) -> Bundle:
    """A bundle of this one policy with the given parameters changed, to be pinned temporarily.

    Raises ValueError where an expression cannot be computed with them, such as a division by a parameter that is zero.
    """
    version = bundles.current().version_at(policy, now)
    parameters = {
        name: _adjust(parameter, values) for name, parameter in version.validated.policy.parameters.items()
    }
    changed = replace(version.validated.policy, parameters=parameters)
    validated, refused = with_parameters(version.validated, changed)
    if validated is None:
        raise ValueError(refused[0].message)
    return Bundle(DIGEST, {policy: Versions((compile_policy(validated),))})


def under(policy: str, number: int) -> Bundle:
    """A bundle in which this version of the policy is in force at every moment. Raises UnknownPolicy, and KeyError for a version
    that there is not."""
    versions = bundles.current().policies.get(policy)
    if versions is None:
        raise UnknownPolicy(f"there is no policy `{policy}`")
    validated = versions.by_number[number].validated
    always = replace(
        validated.policy, effective_from=0, effective_until=None, withdrawn=None, in_force_by=None
    )
    return Bundle(DIGEST, {policy: Versions((compile_policy(replace(validated, policy=always)),))})


def _adjust(parameter: Parameter, values: Mapping[str, float | int]) -> Parameter:
    table = parameter.table
    if table is None:
        return replace(parameter, value=values.get(parameter.name, parameter.value))
    rows = tuple(
        tuple(
            values.get(f"{parameter.name}[{table.row_name(row)}].{column}", value)
            for (column, _), value in zip(table.columns, row, strict=True)
        )
        for row in table.rows
    )
    return replace(parameter, table=replace(table, rows=rows))
