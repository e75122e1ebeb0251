"""Values that are written as in YAML where an expression is expected: text without quotes, a moment, a word of an enum."""

from __future__ import annotations

import re
from collections.abc import Collection

from documents.diagnostics import Diagnostic, did_you_mean, nearest
from documents.quoting import in_quotes
from engine.expression.hints import mended_moment
from engine.expression.problem import ExpressionProblem
from engine.expression.quantity import mend_duration
from engine.expression.types import Type
from engine.policy.model import Text
from engine.policy.text_position import to_diagnostic

_EXPRESSION = re.compile(r"[\"\\<>=+*^|&]|\?.*:|\b[a-z_]\w*\(|\w\.[a-z_]\w*|\[|\]")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PLACEHOLDER = re.compile(r"\{[a-z][\w.]*\}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]\S.*)?")
_PERIOD = re.compile(r"P[0-9T][0-9A-Z]*")
_SMALL_WORDS = frozenset(["now", "null", "in", "true", "false"])


def words_as_value(text: Text, names: Collection[str]) -> Diagnostic | None:
    """Report `where: in the yard`, of which no word is a name."""
    words = _WORD.findall(text.text)
    if len(words) < 2 or _EXPRESSION.search(text.text) or set(words) & set(names):
        return None
    return _quotes_missing(text, "text in an expression is in quotes")


def value_as_text(text: Text, name: str, type_: Type, names: Collection[str]) -> Diagnostic | None:
    """Report a value of the output `name` that could be an expression, but none of a name that there is."""
    written = text.text.strip()
    found = set(_NAME.findall(written)) - _SMALL_WORDS
    unknown = not found & set(names) and not _EXPRESSION.search(written)
    if _DATE.fullmatch(written) or (type_.kind == "duration" and _PERIOD.fullmatch(written)):
        return _quantity(text, type_) or (
            _quotes_missing(text, _is_text(name)) if type_.kind == "string" else None
        )
    if type_.kind != "string" or not found or not unknown:
        return None
    near = _WORD.fullmatch(written) and nearest(written, [*names], 0.8)
    return None if near else _quotes_missing(text, _is_text(name))


def value_as_expression(text: Text, name: str, type_: Type, problem: ExpressionProblem) -> Diagnostic | None:
    """Report a value of the output `name` that is no expression."""
    written = text.text.strip()
    if type_.kind == "string":
        return _text(text, name)
    if type_.kind == "enum" and not _EXPRESSION.search(written):
        hint = did_you_mean(written, type_.members)
        return text.node.diagnostic(
            "unknown-value", f"`{written[:60]}` is not a value of the output `{name}`", hint
        )
    if quantity := _quantity(text, type_):
        return quantity
    if (problem.hint or "").startswith("an operator such as"):
        problem.hint = "an operator such as `+` or `*` is missing before it"
        if type_.kind == "duration":
            problem.hint = "write a duration with its number in digits, such as `days(3)`"
    return None


def _quantity(text: Text, type_: Type) -> Diagnostic | None:
    """Report a moment or a duration that is written as in YAML."""
    written, hint = text.text.strip(), None
    if type_.kind == "timestamp" and written[:1].isdigit() and (moment := mended_moment(written)):
        hint = f'write `timestamp("{moment}")`'
    elif type_.kind == "duration" and (mended := mend_duration(written)):
        hint = f'write `duration("{mended}")`'
    if hint is None:
        return None
    message = f"`{written[:40]}` is not a {type_.kind} in an expression"
    return to_diagnostic(text, ExpressionProblem((0, len(text.text)), "syntax", message, hint))


def _text(text: Text, name: str) -> Diagnostic | None:
    bare = _PLACEHOLDER.sub("", text.text)
    if len(_WORD.findall(bare)) < 2 or _EXPRESSION.search(bare):
        return None
    if filled := _PLACEHOLDER.search(text.text):
        message = f"only a `message` fills in `{filled.group()}`, and the output `{name}` is a fixed text"
        return text.node.diagnostic("syntax", message, "move the text into the `message` of the rule")
    return _quotes_missing(text, _is_text(name))


def _is_text(name: str) -> str:
    return f"the output `{name}` is text, and text in an expression is in quotes"


def _quotes_missing(text: Text, message: str) -> Diagnostic:
    written = f'"{text.text.strip().strip("“”„«»‘’")}"'
    if text.node.style in ("|", ">"):
        shown = f": `{written}`" if len(written) <= 80 else ""
        hint = f"put quotes around the text{shown}"
    elif len(written) <= 200 and "`" not in written:
        hint = f"write `{in_quotes(written)}`"
    else:
        hint = "write it in quotes within quotes"
    return text.node.diagnostic("syntax", message, hint)
