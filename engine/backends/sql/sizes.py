"""How large a whole number can become, so that no intermediate value overflows 64 bits unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from engine.backends.sql.cannot_say import CannotSay
from engine.expression import typed as t
from engine.expression.types import MAX_DURATION, MAX_INT, MAX_TIMESTAMP, Type
from engine.policy.validated import ValidatedPolicy

BIGINT = 2**63
_LIMITS = {"timestamp": MAX_TIMESTAMP, "duration": MAX_DURATION}


class Sizes:
    def __init__(self, validated: ValidatedPolicy, digits: int) -> None:
        self.validated = validated
        self.digits = digits
        """The most that a number may have."""
        self._named: dict[str, int] = {}

    def of(self, node: t.Typed, items: Mapping[str, int]) -> int:
        """The largest absolute value of a number, or of the numbers in a list. `items` has those of loop variables."""
        size = self._of(node, items)
        if size >= 10**self.digits:
            raise CannotSay(f"numbers with more than {self.digits} digits", node)
        return size

    def _of(self, node: t.Typed, items: Mapping[str, int]) -> int:
        match node:
            case t.Const(value=value):
                return abs(value) if isinstance(value, int) else 0
            case t.ParameterRef(name=name):
                parameter = self.validated.policy.parameters[name].value
                given = parameter if isinstance(parameter, tuple) else (parameter,)
                return max((abs(v) for v in given if isinstance(v, int)), default=0)
            case t.FactRef() | t.Field() | t.Row() | t.Now():
                return limit(node.type)
            case t.ConditionRef(name=name):
                if name not in self._named:
                    self._named[name] = self.of(self.validated.conditions[name], {})
                return self._named[name]
            case t.Variable(name=name):
                return items.get(name, limit(node.type))
            case t.Sum(left=left, right=right):
                return self.of(left, items) + self.of(right, items)
            case t.Product(left=left, right=right):
                return self.of(left, items) * self.of(right, items)
            case t.IfElse(then=then, otherwise=otherwise):
                return max(self.of(then, items), self.of(otherwise, items))
            case t.ListOf(items=parts):
                return max((self.of(part, items) for part in parts), default=0)
            case t.Quantifier(kind="filter", source=source):
                return self.of(source, items)
            case t.Quantifier(variable=variable, source=source, body=body):
                return self.of(body, {**items, variable: self.of(source, items)})
            case t.Apply():
                return self._apply(node, items)
            case t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In():
                return 0
            case _:
                assert_never(node)

    def _apply(self, node: t.Apply, items: Mapping[str, int]) -> int:
        most = max((self.of(a, items) for a in node.args), default=0)
        if node.function == "sum":
            return most * node.args[0].type.max_items
        if node.function in ("divide", "round"):
            places = node.args[-2]
            assert isinstance(places, t.Const) and isinstance(places.value, int)
            shift = places.value if node.function == "divide" else -places.value
            zeros: int = 10 ** max(shift, 0)
            return self.of(node.args[0], items) * zeros + 1
        return max(most, MAX_INT) if node.function == "size" else most


def limit(type_: Type) -> int:
    """The largest absolute value of a valid fact, parameter or cell."""
    if type_.item is not None:
        return limit(type_.item)
    if type_.minimum is not None and type_.maximum is not None and type_.kind != "double":
        return max(abs(int(type_.minimum)), abs(int(type_.maximum)))
    return _LIMITS.get(type_.kind, MAX_INT)
