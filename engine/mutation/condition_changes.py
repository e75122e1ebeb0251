"""Generate the mutations of one condition or output, as changes of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic import ROUNDING
from engine.expression.functions import EXACT
from engine.mutation.shifts import shifted

_OPERATORS = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
}
_MODES = dict(zip(ROUNDING, (*ROUNDING[1:], ROUNDING[0]), strict=True))
_FUNCTIONS = {"exists": ("all",), "all": ("exists",), "exists_one": ("exists",)}
_CHOICES = {"min": "max", "max": "min"}
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"[\w .-]+")


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the characters from `start` to `end` by `after`."""

    start: int
    end: int
    after: str


def changes(text: str, tree: s.Syntax, typed: t.Typed, members: tuple[str, ...] = ()) -> Iterator[Change]:
    """Every mutation of a condition's text. `members` are the enum values of an output."""
    for node in walk(tree):
        yield from _of(text, node)
    for literal, options in [*_enum_literals(typed), *((c, members) for c in _results(typed) if members)]:
        yield from _other_member(text, literal, options)


def walk(node: s.Syntax) -> Iterator[s.Syntax]:
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, s.Syntax):
                yield from walk(child)


def _of(text: str, node: s.Syntax) -> Iterator[Change]:
    match node:
        case s.Binary(operator="in"):
            yield Change(*node.span, f"!({text[slice(*node.span)]})")
        case s.Binary(operator=operator, left=left, right=right):
            for other in _OPERATORS[operator]:
                yield _operator(text, left, right, operator, other)
        case s.Logical():
            yield from _logical(text, node)
        case s.Unary(operator="!", operand=operand):
            yield Change(node.span[0], operand.span[0], "")
        case s.Conditional(then=then, otherwise=otherwise):
            one, other = text[slice(*then.span)], text[slice(*otherwise.span)]
            yield Change(then.span[0], otherwise.span[1], f"({other}) : ({one})")
        case s.Call():
            yield from _call(text, node)
        case s.LiteralValue(value=bool() | int() | float()):
            yield from (Change(*node.span, after) for after in shifted(text[slice(*node.span)], _kind(node)))
        case s.ListLiteral(items=items):
            yield from (_dropped(node.items, position) for position in range(len(items)))


def _kind(node: s.LiteralValue) -> str:
    return {bool: "bool", int: "int", float: "double"}[type(node.value)]


def _operator(text: str, left: s.Syntax, right: s.Syntax, operator: str, other: str) -> Change:
    start = text.index(operator, left.span[1], right.span[0])
    return Change(start, start + len(operator), other)


def _logical(text: str, node: s.Logical) -> Iterator[Change]:
    other = "||" if node.operator == "&&" else "&&"
    for left, right in zip(node.operands, node.operands[1:], strict=False):
        yield _operator(text, left, right, node.operator, other)
    yield from (_dropped(node.operands, position) for position in range(len(node.operands)))


def _dropped(parts: tuple[s.Syntax, ...], position: int) -> Change:
    """Remove a part together with the operator before it, or after it for the first part."""
    if position:
        return Change(parts[position - 1].span[1], parts[position].span[1], "")
    return Change(parts[0].span[0], parts[1].span[0] if len(parts) > 1 else parts[0].span[1], "")


def _call(text: str, node: s.Call) -> Iterator[Change]:
    for other in _FUNCTIONS.get(node.function, ()) if node.target is not None else ():
        yield Change(*node.function_span, other)
    if node.function in _CHOICES and node.target is None:
        yield Change(*node.function_span, _CHOICES[node.function])
    if node.function in EXACT and node.target is None and isinstance(node.args[-1], s.LiteralValue):
        start, end = node.args[-1].span
        yield Change(start + 1, end - 1, _MODES[text[start + 1 : end - 1]])
    if node.function == "row" and node.target is not None:
        yield from _exchanged(text, node.args)
    if node.function in ("duration", "timestamp") and len(node.args) == 1:
        start, end = node.args[0].span
        yield from (Change(start + 1, end - 1, a) for a in shifted(text[start + 1 : end - 1], node.function))


def _exchanged(text: str, args: tuple[s.Syntax, ...]) -> Iterator[Change]:
    """Swap two adjacent arguments."""
    for one, other in pairwise(args):
        first, between, second = (
            text[slice(*span)] for span in (one.span, (one.span[1], other.span[0]), other.span)
        )
        yield Change(one.span[0], other.span[1], second + between + first)


def _enum_literals(typed: t.Typed) -> Iterator[tuple[t.Typed, tuple[str, ...]]]:
    for node in typed.walk():
        if isinstance(node, t.Compare):
            yield node.left, node.right.type.members
            yield node.right, node.left.type.members
        elif isinstance(node, t.In) and isinstance(node.container, t.ListOf):
            yield from ((item, node.item.type.members) for item in node.container.items)
        elif isinstance(node, t.In) and node.container.type.item is not None:
            yield node.item, node.container.type.item.members


def _results(typed: t.Typed) -> Iterator[t.Typed]:
    if isinstance(typed, t.IfElse):
        yield from _results(typed.then)
        yield from _results(typed.otherwise)
    else:
        yield typed


def _other_member(text: str, literal: t.Typed, members: tuple[str, ...]) -> Iterator[Change]:
    if not isinstance(literal, t.Const) or literal.value not in members:
        return
    after = next_member(str(literal.value), members)
    start, end = literal.span
    if text[start:end] == literal.value and _NAME.fullmatch(after):
        yield Change(start, end, after)
    if _WORD.fullmatch(after) and text[start + 1 : end - 1] == literal.value:
        yield Change(start + 1, end - 1, after)


def next_member(value: str, members: tuple[str, ...]) -> str:
    return members[(members.index(value) + 1) % len(members)]
