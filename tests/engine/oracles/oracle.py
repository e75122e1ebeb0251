"""What the tests need of somebody else's CEL: a name, a compiler from text, and its values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.expression.types import Type
from engine.expression.values import to_python

Values = Mapping[str, Any]
"""Values by name: text, numbers, booleans, None, datetimes, timedeltas, lists, and dictionaries."""


class OutOfRange(Exception):
    """The oracle has no such value, so its answer cannot be compared with ours."""


@dataclass(frozen=True)
class Oracle:
    """`bind` turns a value into the oracle's own; `compile` gives what evaluates a text for names bound to such values."""

    name: str
    bind: Callable[[Any], Any]
    compile: Callable[[str], Callable[[Values], Any]]


def plain(value: Any, type_: Type) -> Any:
    """A value that passed the door, with moments and durations as Python has them."""
    if value is None:
        return None
    if type_.item is not None:
        return [plain(item, type_.item) for item in value]
    if type_.kind == "record":
        return {name: plain(value[name], field) for name, field in type_.fields}
    return value if type_.kind == "decimal" else to_python(value, type_)
