"""Locate a character of a condition in its file, however the YAML is folded or quoted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.nodes import Scalar
from engine.expression.problem import ExpressionProblem
from engine.policy.model import Text
from engine.policy.replacement import fitting


def index_of(node: Scalar, offset: int) -> int:
    """The source index of the value's character at `offset`."""
    if node.style == '"':
        return next(itertools.islice(_spelled(node), offset, None), node.end - 1)
    return _without_escapes(node, offset)


_SPELLING = re.compile(
    r"""(?P<joined>\\(?:\r\n|\r|\n)[ \t]*) | (?P<folded>[ \t]*(?:\r\n|\r|\n)[ \t\r\n]*)
      | \\x.{2} | \\u.{4} | \\U.{8} | \\. | [^\r\n]""",
    re.VERBOSE,
)
_BREAK = re.compile(r"\r\n|\r|\n")


def _spelled(node: Scalar) -> Iterator[int]:
    """The index of each character of a double-quoted text, whether it is literal, an escape or a line break."""
    for match in _SPELLING.finditer(node.source.text, node.start + 1, node.end - 1):
        if match["folded"]:
            yield from [match.start()] * max(1, len(_BREAK.findall(match["folded"])) - 1)
        elif not match["joined"]:
            yield match.start()


def _without_escapes(node: Scalar, offset: int) -> int:
    """YAML folding and indentation only change white space, so all other characters are in the source in the same order."""
    source = node.source.text
    at = _content_start(node)
    for character in node.text[:offset]:
        if not character.isspace():
            at = _after_space(source, at, node.end) + (2 if node.style == "'" == character else 1)
    if offset < len(node.text) and not node.text[offset].isspace():
        at = _after_space(source, at, node.end)
    return min(at, node.end)


def _content_start(node: Scalar) -> int:
    if node.style in ("|", ">"):
        return node.source.text.find("\n", node.start) + 1
    return node.start + (1 if node.style else 0)


def _after_space(source: str, at: int, end: int) -> int:
    while at < end and source[at].isspace():
        at += 1
    return at


def to_diagnostic(text: Text, problem: ExpressionProblem) -> Diagnostic:
    start = index_of(text.node, problem.span[0])
    last = index_of(text.node, max(problem.span[0], problem.span[1] - 1))
    source = text.node.source
    hint = _CUT if problem.code == "syntax" and _is_cut(text.node) else problem.hint
    if problem.code == "unknown-name" and problem.span == (0, len(text.text)) and hint and "quote it" in hint:
        hint = _quote_twice(text, hint)
    elif problem.code != "unportable-pattern":
        hint = fitting(text.node, text.text, problem.span, hint)
    return source.diagnostic(start, problem.code, problem.message, hint, length=last - start + 1)


def _quote_twice(text: Text, hint: str) -> str:
    """Explain that YAML removes the quotes around an expression that is a single string, so that it needs both kinds of
    quotes."""
    twice = f"""`'"{text.text}"'`"""
    if text.node.style:
        return f"if it is text, write {twice}: YAML takes one pair of quotes away"
    return re.sub(r"quote it.*", f"write {twice} if it is text", hint)


_CUT = "put the condition in quotes: inside `{…}` a comma ends it"


def _is_cut(node: Scalar) -> bool:
    """Whether a comma inside parentheses ended an unquoted condition."""
    comma = node.source.text[node.end : node.end + 1] == ","
    return comma and not node.style and node.text.count("(") > node.text.count(")")
