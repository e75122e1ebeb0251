"""Interval arithmetic for ints and decimals: every possible value of an expression lies in its interval, in smallest units.

The checker rejects arithmetic that could exceed the range in which every backend is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import assert_never

from engine.expression import typed as t
from engine.expression.arithmetic import divided, rounded
from engine.expression.quantity import format_decimal
from engine.expression.scope import NamedCondition
from engine.expression.types import MAX_INT, Interval, Type

EXACT = ("int", "decimal")
MAX_TEXT = 1_000_000
"""The maximum length of a text in characters, whatever functions were applied to it."""
MOST = 2**63 - 1
"""The limit for intermediate results; a value that leaves the policy stays within ±2^53."""


ANY = Interval(-MAX_INT, MAX_INT)


def interval(node: t.Typed, named: Mapping[str, NamedCondition]) -> Interval:
    """The interval of an int or decimal. If it may be null, the interval covers its other values."""
    match node:
        case t.Const(value=int(value)):
            return Interval(value, value)
        case t.FactRef() | t.ParameterRef() | t.Variable() | t.Field():
            return of_type(node.type)
        case t.ConditionRef(name=name):
            return named[name].interval or ANY
        case t.Sum(operator=operator, left=left, right=right):
            one, other = interval(left, named), interval(right, named)
            if operator == "+":
                return Interval(one.low + other.low, one.high + other.high)
            return Interval(one.low - other.high, one.high - other.low)
        case t.Product(left=left, right=right):
            return _product(interval(left, named), interval(right, named))
        case t.IfElse(then=then, otherwise=otherwise):
            sides = [side for side in (then, otherwise) if side.type.kind != "null"]
            return _hull(interval(side, named) for side in sides)
        case t.Apply():
            return _applied(node, named)
        case (
            t.Const() | t.Now() | t.Row() | t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.ListOf()
            | t.Quantifier()
        ):  # fmt: skip
            return ANY
        case _:
            assert_never(node)


def of_type(type_: Type) -> Interval:
    low, high = type_.minimum, type_.maximum
    return Interval(-MAX_INT if low is None else int(low), MAX_INT if high is None else int(high))


def of_items(node: t.Typed, named: Mapping[str, NamedCondition]) -> Interval:
    """The interval of the items of a list."""
    match node:
        case t.Quantifier(kind="map", body=body):
            return interval(body, named)
        case t.Quantifier(kind="filter", source=source):
            return of_items(source, named)
        case t.ListOf(items=items):
            return _hull(interval(item, named) for item in items)
        case t.IfElse(then=then, otherwise=otherwise):
            return _hull([of_items(then, named), of_items(otherwise, named)])
        case (
            t.Const() | t.FactRef() | t.ParameterRef() | t.ConditionRef() | t.Now() | t.Variable() | t.Field() | t.Row()
            | t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare() | t.In() | t.Sum() | t.Product() | t.Quantifier() | t.Apply()
        ):  # fmt: skip
            return ANY if node.type.item is None else of_type(node.type.item)
        case _:
            assert_never(node)


def _applied(node: t.Apply, named: Mapping[str, NamedCondition]) -> Interval:
    match node.function, node.args:
        case "size", (arg,):
            return Interval(0, MAX_TEXT if arg.type.item is None else arg.type.max_items)
        case ("min" | "max") as name, (one, other):
            choose = min if name == "min" else max
            left, right = interval(one, named), interval(other, named)
            return Interval(choose(left.low, right.low), choose(left.high, right.high))
        case "min" | "max", (arg,):
            return of_items(arg, named)
        case "sum", (arg,):
            item, most = of_items(arg, named), arg.type.max_items
            return Interval(min(0, most * item.low), max(0, most * item.high))
        case "round", (arg, cut, mode):
            return Interval(*(rounded(end, _whole(cut), _word(mode)) for end in interval(arg, named)))
        case "divide", (one, other, shift, mode):
            divisors, by, how = _ends(interval(other, named)), _whole(shift), _word(mode)
            quotients = [divided(a, b, by, how) for a in interval(one, named) for b in divisors]
            return Interval(min(quotients), max(quotients))
    return ANY


def _whole(node: t.Typed) -> int:
    assert isinstance(node, t.Const) and isinstance(node.value, int)
    return node.value


def _word(node: t.Typed) -> str:
    assert isinstance(node, t.Const) and isinstance(node.value, str)
    return node.value


def _ends(divisor: Interval) -> list[int]:
    """The divisors at which quotients are extreme. A divisor proven nonzero is at least one unit away from zero."""
    return [end for end in (*divisor, -1, 1) if end and divisor.low <= end <= divisor.high] or [1]


def _product(one: Interval, other: Interval) -> Interval:
    corners = [a * b for a in one for b in other]
    return Interval(min(corners), max(corners))


def _hull(parts: Iterable[Interval]) -> Interval:
    intervals = list(parts)
    if not intervals:
        return ANY
    return Interval(min(part.low for part in intervals), max(part.high for part in intervals))


def asks_for_bounds(node: t.Typed, named: Mapping[str, NamedCondition]) -> bool:
    """Whether an expression needs bounds on its facts. Sums of int facts alone never do: they stay far below the exact limit."""
    return any(
        n.type.kind == "decimal"
        or isinstance(n, t.Product)
        or (isinstance(n, t.Apply) and n.function in ("sum", "divide", "round"))
        or (isinstance(n, t.ConditionRef) and named[n.name].asks_for_bounds)
        for n in node.walk()
    )


def shifted(node: t.Apply, named: Mapping[str, NamedCondition]) -> Interval:
    """The intervals of a division's dividend, in the units of the result, and of its divisor."""
    one, other, shift = interval(node.args[0], named), interval(node.args[1], named), _whole(node.args[2])
    left, right = 10 ** max(0, shift), 10 ** max(0, -shift)
    return _hull([Interval(one.low * left, one.high * left), Interval(other.low * right, other.high * right)])


def numbers_in(node: t.Typed, named: Mapping[str, NamedCondition]) -> tuple[tuple[str, Type], ...]:
    """The numbers of facts and parameters that an expression, or a value that it names, computes with: `lines.price` is that
    of each item."""
    return tuple(dict(_numbers(node, named, {})).items())


def _numbers(
    node: t.Typed, named: Mapping[str, NamedCondition], lists: Mapping[str, str]
) -> Iterator[tuple[str, Type]]:
    """`lists` are the list facts of loop variables."""
    if node.type.kind == "bool" or isinstance(node, t.Row):
        return
    if isinstance(node, t.Quantifier):
        yield from _numbers(node.source, named, lists)
        yield from _numbers(node.body, named, {**lists, node.variable: _list_of(node.source)})
    elif isinstance(node, t.ConditionRef):
        yield from named[node.name].numbers
    elif node.type.kind in EXACT and (name := _declared(node, lists)):
        yield name, node.type
    else:
        for child in node.children():
            yield from _numbers(child, named, lists)


def _declared(node: t.Typed, lists: Mapping[str, str]) -> str | None:
    """The name under which a number is declared, if it is one that can have bounds."""
    if isinstance(node, t.FactRef | t.ParameterRef):
        return node.name
    if isinstance(node, t.Variable):
        return lists.get(node.name)
    of = _declared(node.record, lists) if isinstance(node, t.Field) else None
    return f"{of}.{node.name}" if of and isinstance(node, t.Field) else None


def _list_of(source: t.Typed) -> str:
    """The list fact whose items a quantifier takes, directly or after a filter."""
    while isinstance(source, t.Quantifier) and source.kind == "filter":
        source = source.source
    return source.name if isinstance(source, t.FactRef) else ""


def in_words(units: int, scale: int) -> str:
    """A number in full if it is short enough to read, otherwise its magnitude."""
    if units == 0:
        return "0"
    if abs(units) < 10**15:
        return format_decimal(units, scale)
    number = Decimal(units).scaleb(-scale)
    return f"{number:.1f}" if abs(number) < 10**6 else f"{number:.1e}".replace("e+", "e")
