"""Text to syntax tree, with the CEL grammar of the `cel-python` package and an LALR parser, which does not recurse.

The grammar's terminals for literals are replaced: its strings backtrack exponentially on unclosed quotes, and its numbers
swallow the minus of `a-1`.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark.lexer import PatternRE, TerminalDef

from engine.expression.problem import ExpressionProblem
from engine.expression.syntax import Syntax
from engine.expression.tree_builder import TreeBuilder

MAX_TEXT = 2_000
MAX_DEPTH = 32

_TERMINALS = {
    "INT_LIT": r"0x[0-9a-fA-F]+|[0-9]+",
    "UINT_LIT": r"(?:0x[0-9a-fA-F]+|[0-9]+)[uU]",
    "FLOAT_LIT": r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?",
    "BOOL_LIT": r"(?:true|false)(?![A-Za-z0-9_])",
    "STRING_LIT": r"""[rR]?"(?:[^"\\\n]|\\[^\n])*"|[rR]?'(?:[^'\\\n]|\\[^\n])*'""",
    "MLSTRING_LIT": r'''[rR]?"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""|[rR]?\'\'\'(?:[^\'\\]|\\[\s\S]|\'(?!\'\'))*\'\'\'''',
    "BYTES_LIT": r"""[bB][rR]?(?:"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')""",
}


@cache
def _parser() -> Callable[[str], Any]:
    spec = importlib.util.find_spec("celpy")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the CEL grammar is missing: install the package `cel-python`")
    grammar = (Path(spec.submodule_search_locations[0]) / "cel.lark").read_text(encoding="utf-8")
    parser = lark.Lark(
        grammar,
        parser="lalr",
        start="expr",
        keep_all_tokens=True,
        maybe_placeholders=False,
        edit_terminals=_edit_terminal,
        transformer=TreeBuilder(),
    )
    return parser.parse


def _edit_terminal(terminal: TerminalDef) -> None:
    if terminal.name in _TERMINALS:
        terminal.pattern = PatternRE(_TERMINALS[terminal.name])
    if terminal.name == "BOOL_LIT":
        terminal.priority = 10


def parse(text: str) -> Syntax:
    """The syntax tree of a condition. Raises ExpressionProblem with the span and a hint."""
    if not text.strip():
        raise ExpressionProblem((0, 1), "empty-expression", "the expression is empty", "write a condition")
    if len(text) > MAX_TEXT:
        message = f"the expression is longer than {MAX_TEXT:,} characters"
        raise ExpressionProblem((0, 1), "expression-too-long", message, "name parts of it under `conditions`")
    try:
        tree: Syntax = _parser()(text)
    except lark.exceptions.UnexpectedCharacters as error:
        raise _unexpected_character(text, error.pos_in_stream or 0) from None
    except lark.exceptions.UnexpectedToken as error:
        raise _unexpected_token(text, error) from None
    if tree.depth > MAX_DEPTH:
        message = f"the expression is nested deeper than {MAX_DEPTH} levels"
        raise ExpressionProblem(
            tree.span, "expression-too-deep", message, "name parts of it under `conditions`"
        )
    return tree


_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "==", "AND": "&&", "OR": "||", "NOT": "!"}
_PAIRS = {"=>": ">=", "=<": "<=", "<>": "!="}
_SIGNS = {"=": "==", "&": "&&", "|": "||", "≠": "!=", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "’": "'"}


def _unexpected_character(text: str, at: int) -> ExpressionProblem:
    sign = text[at]
    if sign in "\"'":
        return ExpressionProblem(
            (at, at + 1), "syntax", "this quote is never closed", "close it with the same quote"
        )
    pair = text[at : at + 2]
    if pair in _PAIRS:
        return ExpressionProblem((at, at + 2), "syntax", f"unexpected `{pair}`", f"write `{_PAIRS[pair]}`")
    hint = f"write `{_SIGNS[sign]}`" if sign in _SIGNS else "look for a missing operator or quote"
    return ExpressionProblem((at, at + 1), "syntax", f"unexpected `{sign}`", hint)


def _unexpected_token(text: str, error: lark.exceptions.UnexpectedToken) -> ExpressionProblem:
    token = error.token
    if token.type == "$END":
        end = len(text.rstrip())
        hint = "close the bracket with `)`" if _opened(text, "(", ")") else "something is missing after this"
        return ExpressionProblem((end - 1, end), "syntax", "the expression ends too early", hint)
    start = token.start_pos or 0
    end = start + len(token)
    for word, sign in _nearby_words(text, start, str(token)):
        return ExpressionProblem(word, "syntax", f"unexpected `{text[word[0] : word[1]]}`", f"write `{sign}`")
    pair = text[max(0, start - 1) : end]
    if pair in _PAIRS:
        return ExpressionProblem(
            (start - 1, end), "syntax", f"unexpected `{pair}`", f"write `{_PAIRS[pair]}`"
        )
    hint = "something is missing before it"
    if text[:start].strip() and re.match(r"[\w\"'(!]", str(token)):
        opened = _opened(text[:start], "(", ")")
        hint = "close the bracket first" if opened else "an operator such as `&&` is missing before it"
    return ExpressionProblem((start, end), "syntax", f"unexpected `{token}`", hint)


def _nearby_words(text: str, start: int, token: str) -> list[tuple[tuple[int, int], str]]:
    """`a and b`: the parser stops at `and`; `not a`: it stops at `a`, one word too late."""
    if token in _WORDS:
        return [((start, start + len(token)), _WORDS[token])]
    before = re.search(r"([A-Za-z]+)\s*$", text[:start])
    if before and before[1] in _WORDS:
        return [(before.span(1), _WORDS[before[1]])]
    return []


def _opened(text: str, opening: str, closing: str) -> bool:
    return text.count(opening) > text.count(closing)
