"""Type-check durations and timestamps that are written out, such as `days(90)`."""

from __future__ import annotations

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.base_checker import BaseChecker
from engine.expression.functions import (
    DURATIONS,
)
from engine.expression.hints import (
    quantity_hint,
)
from engine.expression.quantity import no_such_moment, parse_duration, parse_timestamp
from engine.expression.scope import Scope
from engine.expression.types import (
    DURATION,
    TIMESTAMP,
    Type,
    article,
)

QUANTITIES = (*DURATIONS, "duration", "timestamp")


class QuantityChecker(BaseChecker):
    def quantity(self, node: s.Call, scope: Scope) -> t.Typed:
        value = (
            node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], s.LiteralValue) else None
        )
        if node.function == "timestamp":
            micros, type_ = parse_timestamp(value) if isinstance(value, str) else None, TIMESTAMP
        elif node.function == "duration":
            micros, type_ = parse_duration(value) if isinstance(value, str) else None, DURATION
        else:
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            micros = parse_duration(f"{value}{DURATIONS[node.function]}") if whole else None
            type_ = DURATION
        if micros is not None:
            return t.Const(type_, node.span, micros)
        if len(node.args) == 1 and not isinstance(node.args[0], s.LiteralValue):
            return self._of_an_expression(node, self.check(node.args[0], scope), type_)
        missing = no_such_moment(value) if node.function == "timestamp" and isinstance(value, str) else None
        if missing is not None:
            return self.fail(node.args[0].span, "bad-quantity", *missing)
        wanted = "one whole number" if node.function in DURATIONS else f"one {node.function} in quotes"
        message = f"`{node.function}` takes {wanted}, written out"
        return self.fail(node.span, "bad-quantity", message, quantity_hint(node.function, value))

    def _of_an_expression(self, node: s.Call, arg: t.Typed, wanted: Type) -> t.Typed:
        """Report `days(window)`: only literals can be converted to a duration or timestamp."""
        if arg.type.kind == "error":
            return arg
        quoted, shown = self.quote(arg), self.shown(arg)
        if arg.type.kind == wanted.kind:
            message = f"{quoted} is a {wanted.kind} already"
            hint = f"write `{shown}`"
            if node.function in DURATIONS and isinstance(arg, t.Sum):
                hint += f", and compare it with a duration such as `{node.function}(3)`"
            return self.fail(node.span, "bad-quantity", message, hint)
        message = f"`{node.function}` takes what is written out, but {quoted} is {article(arg.type)}"
        hint = f"declare it as `{wanted.kind}`, and write `{shown}` alone"
        if isinstance(arg, t.Sum):
            hint = f"add up what is declared as `{wanted.kind}`"
        return self.fail(node.span, "bad-quantity", message, hint)
