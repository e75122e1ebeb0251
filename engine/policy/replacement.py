"""Fit what a hint says to write into its place: the expression around it, and the YAML around that.

A hint that begins with "write `…`" shows what replaces the underlined text. It is shown so that the policy can be read again
after the underlined text has been replaced by it, and by nothing else.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

from documents.nodes import Scalar
from documents.quoting import in_quotes, is_in_brackets, is_plain
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem
from engine.expression.syntax import Span

_SHOWN = re.compile(
    "((?:write|say how to round:|did you mean|quote it:|quote it if it is text:|quote them:|nest it:|write it twice:) )"
    "`([^`…]+)`(.*)"
)
_WHOLE = re.compile(r"(write the whole as )`([^`…]+)`(.*)")
_MOST = 100
_PRIMARY = re.compile(r"""[A-Za-z_]\w*(\.[A-Za-z_]\w*)*|"[^"\\]*"|'[^'\\]*'""")
"""A name or a string, which no operator tears apart."""
_LONGEST_TRIED = 200
"""Characters of an expression. It is parsed twice for each of its problems."""


def fitting(node: Scalar, text: str, span: Span, hint: str | None) -> str | None:
    """The hint, with parentheses and quotes where what it shows needs them at its place in the text of `node`."""
    if hint is None:
        return None
    if whole := _WHOLE.fullmatch(hint):
        written = _in_yaml(node, whole[2])
        return hint if written is None else f"{whole[1]}`{written}`{whole[3]}"
    shown = _SHOWN.fullmatch(hint)
    if shown is None:
        return hint
    before, new, after = shown.groups()
    new = _bracketed(text, span, new)
    if node.style == '"' and "'" not in new:
        new = new.replace('"', "'")
    if node.style:
        return f"{before}`{new}`{after}"
    quoted = _in_yaml(node, text[: span[0]] + new + text[span[1] :])
    if quoted is None:
        return f"{before}`{new}`{after}"
    if span == (0, len(text)):
        return f"{before}`{quoted}`{after}"
    rest = f": `{quoted}`" if len(quoted) <= _MOST else ""
    return f"{before}`{new}`{after}, and put the whole text in quotes{rest}"


def _in_yaml(node: Scalar, new: str) -> str | None:
    """The new text of an unquoted value in quotes; None if it needs none."""
    if node.style or "\n" in new or is_plain(new, is_in_brackets(node.source, node.start)):
        return None
    return in_quotes(new)


def _bracketed(text: str, span: Span, new: str) -> str:
    """The new part in parentheses, if it would be torn apart without them, or if that takes too long to find out."""
    if _PRIMARY.fullmatch(new):
        return new
    if len(text) > _LONGEST_TRIED:
        return f"({new})"
    bare, safe = (_shape(text[: span[0]] + part + text[span[1] :]) for part in (new, f"({new})"))
    return new if safe is None or bare == safe else f"({new})"


def _shape(text: str) -> object:
    """The syntax tree of a text without its positions; None if it has none."""
    try:
        return _without_places(parse(text))
    except ExpressionProblem:
        return None


_PLACES = ("span", "depth", "written", "function_span", "field_span")


def _without_places(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(map(_without_places, node))
    if not is_dataclass(node):
        return node
    kept = (_without_places(getattr(node, f.name)) for f in fields(node) if f.name not in _PLACES)
    return type(node).__name__, *kept
