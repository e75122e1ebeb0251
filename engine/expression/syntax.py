"""The syntax tree of a condition, before type checking. Spans are character offsets into the condition's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

Span = tuple[int, int]


@dataclass(slots=True)
class Node:
    """The base class of all nodes. In annotations, use `Syntax`."""

    span: Span
    depth: int


@dataclass(slots=True)
class LiteralValue(Node):
    """A literal; `value` is the Python value, None for null."""

    value: bool | int | float | str | None
    written: tuple[int, str] | None = None
    """For a string, or a number with a decimal point: the start and spelling of the literal, without any parentheses around
    it."""


@dataclass(slots=True)
class Name(Node):
    name: str


@dataclass(slots=True)
class Select(Node):
    operand: Syntax
    field: str
    field_span: Span


@dataclass(slots=True)
class Call(Node):
    """`f(args)`, or `target.f(args)`."""

    function: str
    function_span: Span
    target: Syntax | None
    args: tuple[Syntax, ...]


@dataclass(slots=True)
class Unary(Node):
    operator: Literal["!", "-"]
    operand: Syntax


@dataclass(slots=True)
class Binary(Node):
    """A comparison, `in`, `+`, `-` or `*`."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(slots=True)
class Logical(Node):
    """`a && b && c` or `a || b || c`, flat."""

    operator: Literal["&&", "||"]
    operands: tuple[Syntax, ...]


@dataclass(slots=True)
class Conditional(Node):
    condition: Syntax
    then: Syntax
    otherwise: Syntax


@dataclass(slots=True)
class ListLiteral(Node):
    items: tuple[Syntax, ...]


@dataclass(slots=True)
class Refused(Node):
    """Valid CEL that our subset does not support; the checker reports it and continues."""

    message: str
    hint: str
    divided: tuple[Syntax, ...] = ()
    """The sides of a quotient."""


Syntax = LiteralValue | Name | Select | Call | Unary | Binary | Logical | Conditional | ListLiteral | Refused


def parts(node: Syntax) -> tuple[Syntax, ...]:
    match node:
        case Select(operand=operand) | Unary(operand=operand):
            return (operand,)
        case Call(target=target, args=args):
            return (target, *args) if target else args
        case Binary(left=left, right=right):
            return (left, right)
        case Logical(operands=operands):
            return operands
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case ListLiteral(items=items):
            return items
        case LiteralValue() | Name() | Refused():
            return ()
        case _:
            assert_never(node)


COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])
