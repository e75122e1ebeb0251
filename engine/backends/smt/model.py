"""What a solver found: a value for each variable, and the facts that these make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.backends.smt.world import NOW, NULL, THERE
from engine.expression.types import DAY, Type

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """`values` has the variables that matter, by name; `lists` the number of items that each list may have."""

    values: Values
    lists: Mapping[str, int]

    def facts(self, types: Mapping[str, Type], extra: Mapping[str, str]) -> dict[str, Any]:
        """Facts in the engine's representation. `extra` names a further item for some lists."""
        return {name: self._value(name, type_, extra) for name, type_ in types.items()}

    def moment(self, default: int) -> int:
        return int(self.values.get(NOW, default))

    def value(self, name: str, type_: Type) -> Any:
        return self._value(name, type_, {})

    def _value(self, name: str, type_: Type, extra: Mapping[str, str]) -> Any:
        if type_.optional and self.values.get(name + NULL, not self._is_read(name)):
            return None
        if type_.kind == "record":
            return {n: self._value(f"{name}.{n}", t, extra) for n, t in type_.fields}
        if type_.item is not None:
            size = self.lists.get(name, 0)
            items = [f"{name}[{n}]" for n in range(size) if self.values.get(f"{name}[{n}]{THERE}")]
            items += [extra[name]] if name in extra else []
            return [self._value(item, type_.item, extra) for item in items]
        value = self.values.get(name)
        return plain(type_) if value is None else value

    def _is_read(self, name: str) -> bool:
        """Whether the question reads a value, or part of one."""
        return name in self.values or name in self.lists or any(v.startswith(name + ".") for v in self.values)


def plain(type_: Type) -> Any:
    """A value of a type that nothing depends on."""
    match type_.kind:
        case "bool":
            return False
        case "string":
            return "1"[: type_.max_length]
        case "enum":
            return type_.members[0]
        case "list":
            return []
        case "record":
            return {name: None if t.optional else plain(t) for name, t in type_.fields}
    low, high = type_.minimum, type_.maximum
    value: int | float = 20_454 * DAY if type_.kind == "timestamp" else 0
    value = value if low is None else max(low, value)
    value = value if high is None else min(high, value)
    return float(value) if type_.kind == "double" else int(value)
