"""Where a character of a condition stands in its file, whatever way the YAML was folded or quoted."""

from __future__ import annotations

from engine.diagnostics import Diagnostic
from engine.expression.problem import ExpressionProblem
from engine.model import Text
from engine.nodes import Scalar


def index_of(node: Scalar, offset: int) -> int:
    """The index in the source of the value's character at `offset`.

    YAML folds and indents with white space only, so the other characters stand in the source in the same order.
    """
    source = node.source.text
    at = _content_start(node)
    for character in node.text[:offset]:
        if not character.isspace():
            at = _next(source, at, character, node)
    while (
        at < node.end and offset < len(node.text) and not node.text[offset].isspace() and source[at].isspace()
    ):
        at += 1
    return min(at, node.end)


def _content_start(node: Scalar) -> int:
    if node.style in "|>" and node.style:
        return node.source.text.find("\n", node.start) + 1
    return node.start + (1 if node.style else 0)


def _next(source: str, at: int, character: str, node: Scalar) -> int:
    """One past the source characters that spell `character`, the white space before them passed over."""
    while at < node.end and source[at].isspace():
        at += 1
    if node.style == '"' and source[at] == "\\":
        return _after_escape(source, at)
    if node.style == "'" and character == "'":
        return at + 2
    return at + 1


_ESCAPE_WIDTH = {"x": 4, "u": 6, "U": 10}


def _after_escape(source: str, at: int) -> int:
    following = source[at + 1]
    if following == "\n":
        while source[at + 1].isspace():
            at += 1
        return at + 2
    return at + _ESCAPE_WIDTH.get(following, 2)


def to_diagnostic(text: Text, problem: ExpressionProblem) -> Diagnostic:
    start = index_of(text.node, problem.span[0])
    last = index_of(text.node, max(problem.span[0], problem.span[1] - 1))
    source = text.node.source
    return source.diagnostic(start, problem.code, problem.message, problem.hint, length=last - start + 1)
