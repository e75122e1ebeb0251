"""The interface of an independent CEL implementation: a name, a compiler for text, and conversion of values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expression.types import Type
from engine.expression.values import to_python

Values = Mapping[str, Any]
"""Values by name: text, numbers, booleans, None, datetimes, timedeltas, lists, and dictionaries."""


class OutOfRange(Exception):
    """The oracle cannot represent a value, so its answer cannot be compared with ours."""


@dataclass(frozen=True)
class Oracle:
    """`bind` converts a value to the oracle's type. `compile` returns a function that evaluates a text with names bound to such
    values."""

    name: str
    bind: Callable[[Any], Any]
    compile: Callable[[str], Callable[[Values], Any]]


def plain(value: Any, type_: Type) -> Any:
    """A checked value, with timestamps and durations as Python objects."""
    if value is None:
        return None
    if type_.item is not None:
        return [plain(item, type_.item) for item in value]
    if type_.kind == "record":
        return {name: plain(value[name], field) for name, field in type_.fields}
    return value if type_.kind == "decimal" else to_python(value, type_)
