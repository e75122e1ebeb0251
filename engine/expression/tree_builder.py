"""Turn grammar rules into syntax nodes, with one method per rule of the CEL grammar, called bottom-up during parsing."""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Transformer

from engine.expression.syntax import (
    Binary,
    Call,
    Conditional,
    ListLiteral,
    LiteralValue,
    Logical,
    Name,
    Refused,
    Select,
    Span,
    Syntax,
    Unary,
)

Child = Any
"""A syntax node, a token, or the partial operator that a left-recursive rule passes up."""


def _span(child: Child) -> Span:
    if isinstance(child, Token):
        return child.start_pos or 0, child.end_pos or 0
    if isinstance(child, list):
        return _span(child[0])[0], _span(child[-1])[1]
    span: Span = child.span
    return span


def _around(children: list[Child]) -> Span:
    return _span(children[0])[0], _span(children[-1])[1]


def _depth(*nodes: Syntax) -> int:
    return 1 + max((n.depth for n in nodes), default=0)


def node(child: Child) -> Syntax:
    assert isinstance(child, Syntax)
    return child


def _refuse(children: list[Child], message: str, hint: str) -> Refused:
    return Refused(_around(children), 1, message, hint)


class TreeBuilder(Transformer[Token, Syntax]):
    def expr(self, c: list[Child]) -> Syntax:
        if len(c) == 1:
            return node(c[0])
        condition, _, then, _, otherwise = c
        return Conditional(_around(c), _depth(condition, then, otherwise), condition, then, otherwise)

    def conditionalor(self, c: list[Child]) -> Syntax:
        return self._logical(c, "||")

    def conditionaland(self, c: list[Child]) -> Syntax:
        return self._logical(c, "&&")

    def _logical(self, c: list[Child], operator: Any) -> Syntax:
        if len(c) == 1:
            return node(c[0])
        left, _, right = c
        if isinstance(left, Logical) and left.operator == operator and left.span[0] == _around(c)[0]:
            # From the depth so far: a chain of many operands would otherwise be walked again for each.
            return Logical(_around(c), max(left.depth, _depth(right)), operator, (*left.operands, right))
        return Logical(_around(c), _depth(left, right), operator, (left, right))

    def _half(self, c: list[Child]) -> Child:
        return c

    relation_lt = relation_le = relation_gt = relation_ge = relation_eq = relation_ne = relation_in = _half
    addition_add = addition_sub = multiplication_mul = multiplication_div = multiplication_mod = _half

    def _binary(self, c: list[Child]) -> Syntax:
        if len(c) == 1:
            return node(c[0])
        (left, operator), right = c
        return Binary(_around(c), _depth(left, right), str(operator), left, right)

    relation = addition = _binary

    def multiplication(self, c: list[Child]) -> Syntax:
        if len(c) == 1 or str(c[0][1]) == "*":
            return self._binary(c)
        (left, operator), right = c
        hint = "work it out where the facts are gathered, and declare the result as a fact"
        if str(operator) == "/":
            hint = "write it with `divide`, which says how to round"
        refused = _refuse(c, f"`{operator}` is not part of the language", hint)
        refused.divided = (left, right) if str(operator) == "/" else ()
        return refused

    def unary(self, c: list[Child]) -> Syntax:
        if len(c) == 1:
            return node(c[0])
        operator, operand = c
        if operator == "-" and isinstance(operand, LiteralValue) and type(operand.value) in (int, float):
            written = (_span(c[0])[0], f"-{operand.written[1]}") if operand.written else None
            return LiteralValue(_around(c), 1, -operand.value, written)  # type: ignore[operator]
        return Unary(_around(c), _depth(operand), str(operator), operand)  # type: ignore[arg-type]

    def unary_not(self, c: list[Child]) -> Child:
        return c[0]

    unary_neg = unary_not

    def member(self, c: list[Child]) -> Syntax:
        return node(c[0])

    def member_dot(self, c: list[Child]) -> Syntax:
        operand, _, name = c
        return Select(_around(c), _depth(operand), operand, str(name), _span(name))

    def member_dot_arg(self, c: list[Child]) -> Syntax:
        return self._call(c, c[0], c[2])

    def member_index(self, c: list[Child]) -> Syntax:
        return _refuse(
            c,
            "an index is not part of the language: there may be no such item",
            "test the items with `exists`, `all` or `exists_one`",
        )

    def member_object(self, c: list[Child]) -> Syntax:
        return _refuse(c, "objects cannot be built in a condition", "declare a fact or a parameter instead")

    def primary(self, c: list[Child]) -> Syntax:
        return node(c[0])

    def dot_ident(self, c: list[Child]) -> Syntax:
        return _refuse(c, "a name cannot start with a dot", f"write `{c[1]}`")

    dot_ident_arg = dot_ident

    def ident(self, c: list[Child]) -> Syntax:
        return Name(_span(c[0]), 1, str(c[0]))

    def ident_arg(self, c: list[Child]) -> Syntax:
        return self._call(c, None, c[0])

    def _call(self, c: list[Child], target: Syntax | None, name: Token) -> Syntax:
        args = tuple(c[-2]) if isinstance(c[-2], list) else ()
        nodes = (*args, target) if target else args
        return Call(_around(c), _depth(*nodes), str(name), _span(name), target, args)

    def paren_expr(self, c: list[Child]) -> Syntax:
        inner: Syntax = c[1]
        inner.span = _around(c)
        inner.depth += 1
        return inner

    def list_lit(self, c: list[Child]) -> Syntax:
        items = tuple(c[1]) if isinstance(c[1], list) else ()
        return ListLiteral(_around(c), _depth(*items), items)

    def map_lit(self, c: list[Child]) -> Syntax:
        return _refuse(c, "maps cannot be built in a condition", "declare a fact or a parameter instead")

    def exprlist(self, c: list[Child]) -> Child:
        return [child for child in c if not isinstance(child, Token)]

    def fieldinits(self, c: list[Child]) -> Child:
        return c

    mapinits = fieldinits

    def literal(self, c: list[Child]) -> Syntax:
        return _literal(c[0])


def _literal(token: Token) -> Syntax:
    span, text = _span(token), str(token)
    match token.type:
        case "NULL_LIT":
            return LiteralValue(span, 1, None)
        case "BOOL_LIT":
            return LiteralValue(span, 1, text == "true")
        case "INT_LIT":
            return _integer(span, text)
        case "FLOAT_LIT":
            return LiteralValue(span, 1, float(text), (span[0], text))
        case "STRING_LIT":
            return _string(span, text)
        case "UINT_LIT":
            return Refused(span, 1, "unsigned integers are not part of the language", f"write `{text[:-1]}`")
        case _:
            return Refused(
                span, 1, "this kind of literal is not part of the language", 'write a plain "text"'
            )


def _integer(span: Span, text: str) -> Syntax:
    if len(text) > 20:
        return LiteralValue(span, 1, 10**20)
    return LiteralValue(span, 1, int(text, 16) if text.startswith("0x") else int(text))


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|([\s\S]))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SIMPLE |= {sign: sign for sign in "\"'\\?`"}


def _string(span: Span, text: str) -> Syntax:
    if text[0] in "rR":
        return LiteralValue(span, 1, text[2:-1], (span[0], text))
    try:
        value = _ESCAPE.sub(_unescape, text[1:-1])
        value.encode("utf-8")
    except (ValueError, OverflowError):
        return Refused(span, 1, "the text holds an unknown escape", r"write `\\` for a backslash")
    return LiteralValue(span, 1, value, (span[0], text))


def spelling(literal: str, offset: int) -> tuple[int, int]:
    """Where a string literal spells the character of its value at `offset`: start and end within the literal."""
    if literal[0] in "rR":
        return offset + 2, offset + 3
    at = 1
    for _ in range(offset):
        at = _end(literal, at)
    return at, _end(literal, at)


def _end(literal: str, at: int) -> int:
    escape = _ESCAPE.match(literal, at)
    return escape.end() if escape else at + 1


def _unescape(match: re.Match[str]) -> str:
    short, long, hexadecimal, octal, simple = match.groups()
    if simple is not None:
        if simple not in _SIMPLE:
            raise ValueError(simple)
        return _SIMPLE[simple]
    if octal is not None:
        return chr(int(octal, 8))
    return chr(int(short or long or hexadecimal, 16))
