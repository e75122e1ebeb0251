"""Type-check exact arithmetic: `min`, `max`, `sum`, `divide` and `round`, and the bounds of what they compute."""

from __future__ import annotations

from dataclasses import replace

from documents.diagnostics import nearest
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic import ROUNDING
from engine.expression.base_checker import BaseChecker, in_places, nested
from engine.expression.decimals import alike, exact_literal, places_written
from engine.expression.intervals import EXACT as EXACT_KINDS
from engine.expression.intervals import MOST, in_words, interval, numbers_in, of_type, shifted
from engine.expression.scope import Scope, divisor_path
from engine.expression.types import (
    ERROR,
    INT,
    MAX_PLACES,
    ORDERED,
    STRING,
    Interval,
    Type,
    article,
    decimal,
    unbounded,
)

_ROUND_ELSEWHERE = {
    **dict.fromkeys(("floor", "trunc", "truncate"), "down"),
    **dict.fromkeys(("ceil", "ceiling"), "up"),
    **dict.fromkeys(("nearest", "commercial", "halfup"), "half_up"),
    **dict.fromkeys(("bankers", "banker", "halfeven"), "half_even"),
}
"""Ways to round, by their names in other languages."""


class ExactChecker(BaseChecker):
    def choice(self, node: s.Call, name: str, args: tuple[t.Typed, ...]) -> t.Typed:
        """Check `min` and `max`, which take two values or one list. The result is null for an empty list."""
        if looped := self._looped(node, args):
            return looped
        if len(args) not in (1, 2):
            message = f"`{name}` takes two values or one list, not {len(args)} arguments"
            parts = [self.shown(a) for a in node.args]
            hint = f"write `{name}(…, …)`, or `{name}(…)` of a list"
            if parts:
                hint = f"nest it: `{nested(name, parts)}`"
            return self.fail(node.span, "wrong-call", message, hint)
        args = alike(args)
        if len(args) == 2 and (refused := self.too_precise(*args)):
            return refused
        types = [self.require(arg) for arg in args]
        if "error" in {type_.kind for type_ in types}:
            return t.Const(ERROR, node.span, None)
        item = types[0].item if len(args) == 1 else types[0]
        wanted = "two values" if len(args) == 2 else "a list"
        if item is None or item.kind not in ORDERED or item.optional:
            message = f"`{name}` needs {wanted} of a type with an order, but {self.quote(args[0])} is {article(types[0])}"
            hint = "numbers, durations and timestamps have an order"
            if len(args) == 1 and types[0].kind in ORDERED:
                hint = f"write `{name}({self.shown(args[0])}, …)`, or give it a list"
            elif types[0].item is not None and (
                field := next(
                    (n for n, f in types[0].item.fields if f.kind in ORDERED and not f.optional), None
                )
            ):
                hint = f"choose a field: `{name}({self.shown(args[0])}.map(x, x.{field}))`"
            return self.fail(args[0].span, "wrong-type", message, hint)
        if (types[-1].kind, types[-1].scale) != (types[0].kind, types[0].scale) and len(args) == 2:
            message = (
                f"`{name}` takes two values of one type, not {article(types[0])} and {article(types[1])}"
            )
            return self.mismatch(node.span, name, message, *args)
        type_ = replace(unbounded(item), optional=len(args) == 1)
        return t.Apply(type_, node.span, name, args)

    def total(self, node: s.Call, args: tuple[t.Typed, ...]) -> t.Typed:
        if looped := self._looped(node, args):
            return looped
        if len(args) != 1:
            message = f"`sum` takes one list, not {len(args)} arguments"
            added = " + ".join(self.shown(arg) for arg in node.args)
            hint = f"write `{added}`" if added else "write `sum(…)`, with a list"
            return self.fail(node.span, "wrong-call", message, hint)
        item = self.require(args[0]).item
        if args[0].type.kind == "error" or (item is not None and item.kind == "error"):
            return t.Const(ERROR, node.span, None)
        if item is None or item.kind not in EXACT_KINDS or item.optional:
            message = f"`sum` adds up a list of ints or decimals, but {self.quote(args[0])} is {article(args[0].type)}"
            fields = item.fields if item is not None else ()
            field = next((n for n, f in fields if f.kind in EXACT_KINDS and not f.optional), None)
            hint = "only ints and decimals that are always there can be added up"
            if field is not None:
                hint = f"name what to add: `sum({self.shown(args[0])}.map(x, x.{field}))`"
            if item is not None and item.kind == "double":
                hint = "declare its items as `{decimal: 2}`, which is exact"
            return self.fail(args[0].span, "wrong-type", message, hint)
        return self.bounded(t.Apply(unbounded(item), node.span, "sum", args))

    def _looped(self, node: s.Call, args: tuple[t.Typed, ...]) -> t.Typed | None:
        """Report `sum(parts, p, p.price)` once, without the unknown name `p`."""
        if len(args) != 3 or args[0].type.item is None or not isinstance(node.args[1], s.Name):
            return None
        (start, end), name = node.span, node.args[1].name
        self.problems[:] = [
            p for p in self.problems if p.code != "unknown-name" or not start <= p.span[0] < end
        ]
        shown, term = (self.shown(node.args[n]) for n in (0, 2))
        message = f"`{node.function}` takes a list of values, not a name and an expression"
        hint = f"write `{node.function}({shown}.map({name}, {term}))`"
        return self.fail(node.span, "wrong-call", message, hint)

    def exact(self, node: s.Call, name: str, args: tuple[t.Typed, ...], scope: Scope) -> t.Typed:
        """Check `divide(a, b, places, mode)` and `round(a, places, mode)`."""
        numbers = args[:-2]
        if len(args) != (4 if name == "divide" else 3):
            numbered = "two numbers" if name == "divide" else "a number"
            message = f"`{name}` takes {numbered}, the decimal places and how to round"
            return self.fail(node.span, "wrong-call", message, self._rounding_hint(node))
        numbers = tuple(exact_literal(number) or number for number in numbers)
        places, mode = self._places(args[-2]), self._mode(args[-1], node.args[-1])
        kinds = [self._exact_kind(number, name) for number in numbers]
        if places is None or mode is None or "error" in kinds:
            return t.Const(ERROR, node.span, None)
        rounding = t.Const(STRING, args[-1].span, mode)
        if name == "round":
            cut = t.Const(INT, args[-2].span, numbers[0].type.scale - places)
            return self.bounded(t.Apply(decimal(places), node.span, name, (numbers[0], cut, rounding)))
        dividend, divisor = numbers
        if divisor_path(divisor) not in scope.known and interval(divisor, self.named).has_zero():
            if interval(divisor, self.named) == (0, 0):
                return self.fail(
                    divisor.span, "may-be-zero", "nothing is divided by zero", "write another divisor"
                )
            message = f"{self.quote(divisor)} may be zero here"
            hint = self._divisor_hint(node, divisor)
            span = node.span if hint.startswith("write") else divisor.span
            return self.fail(span, "may-be-zero", message, hint)
        shift = t.Const(INT, args[-2].span, places + divisor.type.scale - dividend.type.scale)
        return self.bounded(t.Apply(decimal(places), node.span, name, (dividend, divisor, shift, rounding)))

    def _rounding_hint(self, node: s.Call) -> str:
        """The corrected call of one that does not say how to round, or to how many places."""
        parts = [self.shown(arg) for arg in node.args]
        count = 2 if node.function == "divide" else 1
        numbers = (parts + ["…", "…"][len(parts) :])[:count]
        places = next((part for part in parts[count:] if part.isdecimal()), "2")
        mode = next((part for part in parts[count:] if part[0] in "\"'"), None)
        written = ", ".join([*numbers, places, mode or '"half_even"'])
        call = f"write `{node.function}({written})`"
        return call if mode else f'{call}, or with `"half_up"`, `"down"` or `"up"`'

    def _divisor_hint(self, node: s.Call, divisor: t.Typed) -> str:
        """How to test a divisor. The test of a sum proves nothing about a sum written again, so it needs a name."""
        call, shown = self.shown(node), self.shown(divisor)
        if divisor_path(divisor) is not None:
            chosen = self.in_place(f"{shown} != 0 ? {call} : 0", node.span)
            hint = f"write `{chosen}`"
            bounded = isinstance(divisor, t.FactRef | t.Field)
            return f"{hint}; or give `{shown}` a `min` above zero" if bounded else hint
        return f"name it under `values`, such as `divisor: {shown}`, and write `divisor != 0 ? … : 0`"

    def _exact_kind(self, number: t.Typed, name: str) -> str:
        kind = self.require(number).kind
        if kind in (*EXACT_KINDS, "error"):
            return kind
        message = (
            f"`{name}` computes with ints and decimals, but {self.quote(number)} is {article(number.type)}"
        )
        exact = "declare it as `{decimal: 2}`, which is exact"
        hint = exact if kind == "double" else "give it an int or a decimal"
        self.fail(number.span, "wrong-type", message, hint)
        return "error"

    def _places(self, node: t.Typed) -> int | None:
        if isinstance(node, t.Const) and type(node.value) is int and 0 <= node.value <= MAX_PLACES:
            return node.value
        message = f"the places are a whole number from 0 to {MAX_PLACES}, written out here"
        self.fail(node.span, "bad-places", message, "for example `2` for cents")
        return None

    def _mode(self, node: t.Typed, written: s.Syntax) -> str | None:
        if isinstance(node, t.Const) and node.value in ROUNDING:
            return str(node.value)
        one_of = ", ".join(f'`"{mode}"`' for mode in ROUNDING)
        hint = f"write one of {one_of}"
        given = node.value if isinstance(node, t.Const) else None
        message = f"the way to round is one of {one_of}"
        if isinstance(written, s.Name) and node.type.kind == "error":
            self.problems = [p for p in self.problems if (p.code, p.span) != ("unknown-name", written.span)]
            given = written.name
            message = f"the way to round is a text in quotes, and `{given}` is a name"
        if isinstance(given, str):
            meant = given.lower().removeprefix("round_")
            near = nearest(_ROUND_ELSEWHERE.get(meant, meant), ROUNDING)
            hint = f'write `"{near}"`' if near else hint
        self.fail(node.span, "bad-rounding", message, hint)
        return None

    def too_precise(self, one: t.Typed, other: t.Typed) -> t.Typed | None:
        """Report a number literal beside a decimal that has fewer places."""
        for exact, number in ((one, other), (other, one)):
            places = places_written(number) if isinstance(number, t.Const) else None
            if exact.type.kind == "decimal" and places is not None and places > exact.type.scale:
                message = f"{self.quote(number)} has more than {in_places(exact.type.scale)}"
                hint = f"write at most {in_places(exact.type.scale)}, as in {self.quote(exact)}"
                return self.fail(number.span, "too-many-places", message, hint)
        return None

    def bounded(self, node: t.Typed) -> t.Typed:
        """Check that arithmetic, including what is rounded afterwards, stays within the range where every backend is exact."""
        bounds, what = interval(node, self.named), self.quote(node)
        if isinstance(node, t.Apply) and node.function == "divide":
            bounds, what = shifted(node, self.named), f"a side of {what}"
        if bounds.within(MOST):
            return node
        return self.leaves(node, bounds, MOST, what, "what can be computed exactly")

    def leaves(self, node: t.Typed, bounds: Interval, most: int, what: str, limit: str) -> t.Typed:
        low, high, most_shown = (in_words(end, node.type.scale) for end in (*bounds, most))
        reach = f"may come to {high if bounds.high > most else low}"
        if bounds.low < -most and bounds.high > most:
            reach = f"may be anything from {low} to {high}"
        message, hint = f"{what} {reach}, beyond {limit} (±{most_shown})", self._narrower(node)
        lacking = [(name, lacks) for name, type_ in numbers_in(node, self.named) if (lacks := _lacks(type_))][
            :3
        ]
        if lacking:
            message += ": " + ", and ".join(
                f"`{name}` has no {' and no '.join(lacks)}" for name, lacks in lacking
            )
            hint = "give " + ", and ".join(f"`{name}` a {' and a '.join(lacks)}" for name, lacks in lacking)
        return self.fail(node.span, "may-leave-bounds", message, hint)

    def _narrower(self, node: t.Typed) -> str:
        """What to do where every number has bounds, and these are too wide together."""
        numbers = sorted(numbers_in(node, self.named), key=lambda number: -max(map(abs, of_type(number[1]))))
        widest = [
            f"`{name}` ({' to '.join(in_words(end, type_.scale) for end in of_type(type_))})"
            for name, type_ in numbers[:2]
        ]
        counted = [
            part.args[0]
            for part in node.walk()
            if isinstance(part, t.Apply) and part.function in ("sum", "size")
        ]
        lists = [
            f"{self.quote(part)} (up to {part.type.max_items:,} items)" for part in counted if part.type.item
        ]
        how = f"declare narrower bounds{', or a smaller `max_items`' if lists else ''}, or round a part of it first"
        return f"{how}; the widest here: {', '.join(widest + lists[:1])}" if widest or lists else how


def _lacks(type_: Type) -> list[str]:
    """The bounds that a number could have and lacks."""
    return [key for key, end in (("`min`", type_.minimum), ("`max`", type_.maximum)) if end is None]
