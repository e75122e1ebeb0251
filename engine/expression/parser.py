"""Text to syntax tree, with the CEL grammar of the `cel-python` package and an LALR parser, which does not recurse.

The grammar's terminals for literals are replaced: its strings backtrack exponentially on unclosed quotes, and its numbers include
the minus of `a-1`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark.grammar import Rule
from lark.lexer import PatternRE, TerminalDef

from engine.expression.functions import DURATIONS
from engine.expression.problem import ExpressionProblem
from engine.expression.quantity import NO_LENGTH, mend_duration, why_no_duration
from engine.expression.syntax import Syntax
from engine.expression.tree_builder import TreeBuilder

MAX_TEXT = 2_000
MAX_DEPTH = 32

_TERMINALS = {
    "IN": r"in(?![A-Za-z0-9_])",
    "INT_LIT": r"0x[0-9a-fA-F]+|[0-9]+",
    "UINT_LIT": r"(?:0x[0-9a-fA-F]+|[0-9]+)[uU]",
    "FLOAT_LIT": r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?",
    "BOOL_LIT": r"(?:true|false)(?![A-Za-z0-9_])",
    "STRING_LIT": r"""[rR]?"(?:[^"\\\n]|\\[^\n])*"|[rR]?'(?:[^'\\\n]|\\[^\n])*'""",
    "MLSTRING_LIT": r'''[rR]?"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""|[rR]?\'\'\'(?:[^\'\\]|\\[\s\S]|\'(?!\'\'))*\'\'\'''',
    "BYTES_LIT": r"""[bB][rR]?(?:"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')""",
}


TABLES = Path(__file__).with_name("cel_tables.json")
"""What lark makes of the grammar, which takes a third of a second in every process. `--update-golden` makes it again."""

NOTICE = "Generated from cel.lark of cel-python, Copyright 2020 Capital One Services, LLC, Apache License 2.0; changed: literals."


@cache
def _parser() -> Callable[[str], Any]:
    grammar = _grammar()
    kept = json.loads(TABLES.read_bytes(), object_pairs_hook=_with_numbers)
    if kept["of"] != version_of(grammar):
        return build_parser(grammar).parse
    # What a parser that lark generates calls, too.
    parser: lark.Lark = lark.Lark._load_from_dict(kept["data"], kept["memo"], transformer=TreeBuilder())  # type: ignore[no-untyped-call]
    return parser.parse


def _grammar() -> str:
    spec = importlib.util.find_spec("celpy")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the CEL grammar is missing: install the package `cel-python`")
    return (Path(spec.submodule_search_locations[0]) / "cel.lark").read_text(encoding="utf-8")


def build_parser(grammar: str) -> lark.Lark:
    return lark.Lark(
        grammar,
        parser="lalr",
        start="expr",
        keep_all_tokens=True,
        maybe_placeholders=False,
        edit_terminals=_edit_terminal,
        transformer=TreeBuilder(),
    )


def make_tables() -> str:
    data, memo = build_parser(_grammar()).memo_serialize([TerminalDef, Rule])
    data["options"] = {n: v for n, v in data["options"].items() if n not in ("edit_terminals", "transformer")}
    return json.dumps({"notice": NOTICE, "of": version_of(_grammar()), "data": data, "memo": memo}) + "\n"


def version_of(grammar: str) -> str:
    """Tables of another version of lark or of the grammar are not used."""
    made_of = "\n".join([lark.__version__, grammar, *_TERMINALS.values()])
    return hashlib.sha256(made_of.encode()).hexdigest()


def _with_numbers(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """JSON has only texts as keys; lark numbers its states, tokens and rules."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}


def _edit_terminal(terminal: TerminalDef) -> None:
    if terminal.name in _TERMINALS:
        terminal.pattern = PatternRE(_TERMINALS[terminal.name])
    if terminal.name in ("BOOL_LIT", "IN"):
        terminal.priority = 10


def parse(text: str) -> Syntax:
    """Parse a condition into its syntax tree. Raises ExpressionProblem with the span and a hint."""
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


_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "equals": "==",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
}
_PAIRS = {":=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "!==": "!=", "=!": "!="}
_SIGNS = {
    "=": "==",
    "&": "&&",
    "|": "||",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
    "’": "'",
    "‘": "'",
}
_SIGNS |= {"–": "-", "−": "-", "„": '"', "«": '"', "»": '"', "`": '"'}


def _unexpected_character(text: str, at: int) -> ExpressionProblem:
    sign = text[at]
    if sign in "\"'" and (quoted := _typographic(text, at)):
        return quoted
    if sign in "\"'":
        return ExpressionProblem(
            (at, at + 1), "syntax", "this quote is never closed", "close it with the same quote"
        )
    if sign.isspace():
        message = f"this space is U+{ord(sign):04X}, which is not an ordinary one"
        return ExpressionProblem((at, at + 1), "syntax", message, "type an ordinary space instead")
    if quoted := _typographic(text, at):
        return quoted
    if sign == "$" and text[at + 1 : at + 2] == "{" and (braces := _in_braces(text, at + 1, at)):
        return braces
    if power := _power(text, at):
        return power
    for start in (at - 2, at - 1, at):
        for end in (start + 3, start + 2):
            if start >= 0 and end > at and text[start:end] in _PAIRS:
                return _pair(text, start, end)
    hint = f"write `{_SIGNS[sign]}`" if sign in _SIGNS else "look for a missing operator or quote"
    if sign == "#":
        hint = "a comment in a condition begins with `//`"
    number = re.search(r"([0-9]+(?:\.[0-9]+)?)\s*$", text[:at])
    if sign in "€$£" and number:
        message = f"`{number[1]}{sign}` is a number with a unit, and a number stands alone"
        hint = f"write `{number[1]}`, without the unit"
        return ExpressionProblem((number.start(1), at + 1), "syntax", message, hint)
    if sign == "~":
        before = re.search(_OPERAND + r"\s*=?$", text[:at])
        hint = f'write `{before[1] if before else "…"}.matches("…")`'
    if behind := re.compile(r"[€$£]\s*([0-9]+(?:\.[0-9]+)?)").match(text, at):
        message = f"`{behind.group()}` is a number with a unit, and a number stands alone"
        return ExpressionProblem(behind.span(), "syntax", message, f"write `{behind[1]}`, without the unit")
    if name := re.compile(r"\$([a-z]\w*)").match(text, at):
        return ExpressionProblem(name.span(), "syntax", "a name has no `$`", f"write `{name[1]}`")
    if sign in "€$£%":
        hint = "write the number alone"
    if sign == ";":
        hint = "delete it" if not text[at + 1 :].strip() else "join conditions with `&&` or `||`"
    return ExpressionProblem((at, at + 1), "syntax", f"unexpected `{sign}`", hint)


_CURLY = "“”„«»‘’‚`"
_CURLY_TEXT = re.compile(rf"[{_CURLY}\"']([^{_CURLY}\"'\n]*)[{_CURLY}\"']")


def _typographic(text: str, at: int) -> ExpressionProblem | None:
    """Detect `“verified”`: a string with at least one typographic quote."""
    match = _CURLY_TEXT.match(text, at)
    signs = [s for s in dict.fromkeys((match.group()[0], match.group()[-1])) if s in _CURLY] if match else []
    if match is None or not signs:
        return None
    shown = " and ".join("a backtick" if s == "`" else f"`{s}`" for s in signs)
    message = f"{shown} {'are not plain quotes' if signs[1:] else 'is not a plain quote'}"
    return ExpressionProblem(match.span(), "syntax", message, f'write `"{match[1]}"`')


def _in_braces(text: str, opened: int, start: int) -> ExpressionProblem | None:
    """Detect `{row.fee}`, which is message syntax."""
    match = re.compile(r"\{+\s*([^{}:]+?)\s*\}+").match(text, opened)
    if match is None:
        return None
    message = "a name stands in braces in a message, not in an expression"
    return ExpressionProblem((start, match.end()), "syntax", message, f"write `{match[1]}`")


_POWER = re.compile(r"([\w.]+)\s*(\*\*|\^)\s*([23])?")


def _power(text: str, at: int) -> ExpressionProblem | None:
    """Detect `hours ** 2`."""
    for match in _POWER.finditer(text):
        if match.start(2) <= at < match.end(2):
            shown = " * ".join([match[1]] * int(match[3] or 2))
            message = f"`{match[2]}` is not part of the language"
            span = (match.start(), match.end())
            return ExpressionProblem(span, "syntax", message, f"write `{shown}`")
    return None


_ARROW = re.compile(r"\(\s*\(?\s*([a-z_]\w*)\s*\)?\s*$")


def _pair(text: str, start: int, end: int) -> ExpressionProblem:
    """Detect an operator of two or three characters from another language."""
    sign = text[start:end]
    arrow = _ARROW.search(text[:start]) if sign == "=>" else None
    if arrow:
        hint = f"write `{arrow[1]},`: a name, a comma and a condition"
        return ExpressionProblem((arrow.start() + 1, end), "syntax", f"unexpected `{sign}`", hint)
    hint = f"write `{_PAIRS[sign]}`"
    return ExpressionProblem((start, end), "syntax", f"unexpected `{sign}`", hint)


def _unexpected_token(text: str, error: lark.exceptions.UnexpectedToken) -> ExpressionProblem:
    token = error.token
    if token.type == "$END":
        return _ends_early(text)
    start = token.start_pos or 0
    end = start + len(token)
    if number := _number_with_unit(text, start) or _grouped_number(text, start):
        return number
    brace = text.rfind("{", 0, end)
    while brace > 0 and text[brace - 1] == "{":
        brace -= 1
    if brace >= 0 and (braces := _in_braces(text, brace, brace)) and braces.span[1] >= start:
        return braces
    if special := _power(text, start) or _share_of(text, start) or _percentage(text[:start]):
        return special
    for word, hint in _nearby_words(text, start, str(token)):
        return ExpressionProblem(word, "syntax", f"unexpected `{text[word[0] : word[1]]}`", hint)
    if text[start : start + 2] == ":=":
        return _pair(text, start, start + 2)
    for first in (start - 2, start - 1):
        if first >= 0 and text[first:end] in _PAIRS:
            return _pair(text, first, end)
    return ExpressionProblem(
        (start, end), "syntax", f"unexpected `{token}`", _token_hint(text, start, str(token))
    )


def _ends_early(text: str) -> ExpressionProblem:
    end = len(text.rstrip())
    if percentage := _percentage(text):
        return percentage
    hint = "something is missing after this"
    if unclosed := _unclosed(text):
        return unclosed
    if "?" in text and ":" not in text.partition("?")[2]:
        hint = "`? :` has two sides: write what else it is behind a `:`, such as `: null`"
    return ExpressionProblem((end - 1, end), "syntax", "the expression ends too early", hint)


_SHARE_OF = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:%|percent)\s+of\s+([\w.]+)")


def _share_of(text: str, start: int) -> ExpressionProblem | None:
    """Detect `50% of price`."""
    for match in _SHARE_OF.finditer(text):
        if match.start() <= start < match.end():
            hint = f'write `round({match[2]} * {_share(match[1])}, 2, "half_even")`'
            message = f"`{match.group()}` is not part of the language"
            return ExpressionProblem(match.span(), "syntax", message, hint)
    return None


def _share(percent: str) -> str:
    share = f"{float(percent) / 100:g}"
    return share if len(share) > 3 else f"{float(share):.2f}"


_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%\s*$")


def _percentage(text: str) -> ExpressionProblem | None:
    """Detect `10%` at the end of a text. As a factor it is a fraction."""
    percent = _PERCENT.search(text)
    if percent is None:
        return None
    message = f"`{percent.group().strip()}` is a percentage, and a number stands alone"
    share = _share(percent[1])
    hint = f"write `{percent[1]}` for a number of percent, or `{share}` for a share"
    if not text[: percent.start(1)].strip():
        hint = f"write `{share}` for a share, or `{percent[1]}` for a number of percent"
    if added := re.search(r"(?:([\w.]+)\s*)?[-+]\s*$", text[: percent.start(1)]):
        hint = f'multiply by the share: `round({added[1] or "…"} * {share}, 2, "half_even")`'
    if text[: percent.start(1)].rstrip().endswith("*") and "." not in percent[1]:
        hint = f"write `{int(percent[1]) / 100:.2f}`"
    return ExpressionProblem((percent.start(1), len(text.rstrip())), "syntax", message, hint)


_QUOTED_OR_BRACKET = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[()\[\]]")


def _unclosed(text: str) -> ExpressionProblem | None:
    """The first bracket that is never closed, and the closing brackets needed for it and those after it."""
    opened: list[re.Match[str]] = []
    for match in _QUOTED_OR_BRACKET.finditer(text):
        if match.group() in ("(", "["):
            opened.append(match)
        elif match.group() in (")", "]") and opened:
            opened.pop()
    if not opened:
        return None
    first, closing = opened[0], "".join(")" if m.group() == "(" else "]" for m in reversed(opened))
    more = f" and {len(opened) - 1} more are" if opened[1:] else " is"
    message = f"this `{first.group()}`{more} never closed"
    hint = f"close {'them' if opened[1:] else 'it'} with `{closing}`"
    return ExpressionProblem(first.span(), "syntax", message, hint)


def _token_hint(text: str, start: int, token: str) -> str:
    before = text[:start].rstrip()
    if token in ("&&", "||") and not before:
        return "delete it: nothing stands before it"
    if token in ("<", "<=", ">", ">=", "==", "!=") and not before:
        return f"write on its left what is compared, such as `… {token}{text[start + len(token) :][:30]}`"
    if token in (":", ";"):
        return "a `:` belongs behind a `?`, as in `… ? … : …`"
    if token == "," and not _opened(before, "(", ")") and not _opened(before, "[", "]"):
        return "join conditions with `&&` where all must hold, with `||` where one is enough"
    if token == "," and (listing := re.search(r"\bin\s*\(([^()]*)$", before)):
        rest = re.match(r"[^()]{0,80}(?=\))", text[start:])
        shown = f"{listing[1]}{rest.group()}" if rest else "…"
        return f"a list stands in square brackets: write `in [{shown}]`"
    if token == ")" and not _opened(before, "(", ")"):
        return "delete it, or open it before with `(`"
    if token in ("]", "}") and not _opened(before, {"]": "[", "}": "{"}[token], token):
        return "delete it, or open it before"
    if before and re.match(r"[\w\"'(!]", token):
        opened = _opened(before, "(", ")")
        return "close the bracket first" if opened else "an operator such as `&&` is missing before it"
    return "something is missing before it"


_QUANTITY = re.compile(r"[0-9]+(?:\.[0-9]+)?[ _]?[a-zA-Z]+(?:[0-9]+[a-zA-Z]+)*")


def _number_with_unit(text: str, start: int) -> ExpressionProblem | None:
    """Detect `30d`: the lexer stops at the `d`, after the number."""
    at = start
    while at > 0 and (text[at - 1].isdigit() or text[at - 1] in ". "):
        at -= 1
    match = _QUANTITY.match(text, at + len(text[at:start]) - len(text[at:start].lstrip()))
    if match is None or match.start() >= start or match.end() <= start:
        return None
    mended = mend_duration(match.group())
    if mended is None and not why_no_duration(match.group()).startswith("months"):
        return _number_and_word(text, start)
    hint = f"write `{literal_of(mended)}`" if mended else NO_LENGTH
    return ExpressionProblem(
        match.span(), "syntax", f"`{match.group()}` is not a duration in a condition", hint
    )


_NUMBER_AND_WORD = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]{1,20})")
_OPERATORS = frozenset(["in", "and", "or", "not", "is", "if", "else", "then", "between", "x"])


def _number_and_word(text: str, start: int) -> ExpressionProblem | None:
    """Detect `490 cents`: the parser stops at the word."""
    for match in _NUMBER_AND_WORD.finditer(text):
        if match.start() < start < match.end() and match[2].lower() not in _OPERATORS:
            message = f"`{match.group()}` is a number with a unit, and a number stands alone"
            hint = f"write `{match[1]}`, without the unit"
            return ExpressionProblem(match.span(), "syntax", message, hint)
    return None


def literal_of(duration: str) -> str:
    """Write a duration such as `30d` as a condition literal."""
    number, unit = re.fullmatch(r"([0-9]+)([a-z]+)", duration).groups()  # type: ignore[union-attr]
    name = next((name for name, letter in DURATIONS.items() if letter == unit), None)
    return f"{name}({number})" if name else f'duration("{duration}")'


_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]{1,2}(?![0-9])")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,_' ][0-9]{3})+(?![0-9])|[0-9]+(?:_[0-9]+)+")


def _grouped_number(text: str, start: int) -> ExpressionProblem | None:
    """Detect `1,000` or `1_000`, of which the lexer takes only the first digits as a number."""
    for match in _DECIMAL_COMMA.finditer(text):
        if match.start() < start < match.end():
            hint = f"write `{match.group().replace(',', '.')}`"
            return ExpressionProblem(match.span(), "syntax", f"`{match.group()}` has a decimal comma", hint)
    for match in _GROUPED.finditer(text):
        if match.start() < start < match.end():
            hint = f"write `{re.sub('[^0-9]', '', match.group())}`"
            return ExpressionProblem(match.span(), "syntax", f"`{match.group()}` is not a plain number", hint)
    return None


def _comprehension(function: str, body: str, variable: str, source: str) -> str:
    """`sum(l.price for l in lines)` in CEL."""
    if function in ("any", "all"):
        return f"{source}.{'exists' if function == 'any' else 'all'}({variable}, {body})"
    return f"{function}({source}.map({variable}, {body}))"


_OPERAND = r"([\w.]+|\"[^\"]*\")"


def _nearby_words(text: str, start: int, token: str) -> list[tuple[tuple[int, int], str]]:
    """Suggest a replacement for words near the error: the parser stops at `and` in `a and b`, but at `a` in `not a`, one word
    late."""
    for pattern, shape in _PHRASES:
        for match in pattern.finditer(text):
            if match.start() <= start < match.end():
                shown = (
                    _comprehension(*match.groups()) if shape is _GENERATOR else shape.format(*match.groups())
                )
                return [(match.span(), f"write `{shown}`")]
    if (like := _LIKE.search(text)) and like.start() <= start < like.end():
        return [(like.span(), f"write `{_without_star(*like.groups())}`")]
    if token in ("like", "LIKE", "ilike", "rlike"):
        return [
            (
                (start, start + len(token)),
                "write `….startsWith(…)`, `….contains(…)` or `….matches(…)`",
            )
        ]
    if token in _WORDS:
        return [((start, start + len(token)), f"write `{_WORDS[token]}`")]
    before = re.search(r"([A-Za-z]+)\s*$", text[:start])
    if before and before[1] in _WORDS:
        return [(before.span(1), f"write `{_WORDS[before[1]]}`")]
    if before and before[1] in ("if", "then", "else"):
        return [(before.span(1), "write `… ? … : …`")]
    return []


_LIKE = re.compile(_OPERAND + r"\s+(?:like|LIKE)\s+[\"'](\*|%)?([^\"'*%]*)(\*|%)?[\"']")


def _without_star(operand: str, before: str | None, part: str, behind: str | None) -> str:
    """`name like "a*"` as a call."""
    if not before and not behind:
        return f'{operand} == "{part}"'
    function = "contains" if before and behind else "endsWith" if before else "startsWith"
    return f'{operand}.{function}("{part}")'


_GENERATOR = "a generator of Python"
_TYPE_AND_WORD = r"[A-Z]\w*(?:::[A-Z]\w*)*::(\"[^\"]*\")"
_PHRASES = [
    (re.compile(r"\bsome\s+(\w+)\s+in\s+([\w.]+)\s+satisfies\s+(.+)"), "{1}.exists({0}, {2})"),
    (re.compile(r"\bevery\s+(\w+)\s+in\s+([\w.]+)\s+satisfies\s+(.+)"), "{1}.all({0}, {2})"),
    (re.compile(r"\bsome\s+(\w+)\s+in\s+([\w.]+)"), "{1}.exists({0}, …)"),
    (re.compile(r"\bevery\s+(\w+)\s+in\s+([\w.]+)"), "{1}.all({0}, …)"),
    (re.compile(_OPERAND + r"\s+in\s+" + _TYPE_AND_WORD), "{} == {}"),
    (re.compile(_TYPE_AND_WORD), "{}"),
    (re.compile(r"\b(\w+)\s+has\s+(\w+)\b(?!\s*[.(])"), "{1} != null"),
    (re.compile(r"\bdate\s+and\s+time\("), "timestamp("),
    (
        re.compile(_OPERAND + r"\s+in\s+\[\s*(-?[\w.]+?)\s*\.\.\s*(-?[\w.]+?)\s*\]"),
        "{0} >= {1} && {0} <= {2}",
    ),
    (
        re.compile(_OPERAND + r"\s+in\s+\[\s*(-?[\w.]+?)\s*\.\.\s*(-?[\w.]+?)\s*[\[)]"),
        "{0} >= {1} && {0} < {2}",
    ),
    (re.compile(r"\b(sum|max|min|any|all)\(([^()]+?)\s+for\s+(\w+)\s+in\s+([\w.]+)\)"), _GENERATOR),
    (re.compile(_OPERAND + r"\s+is\s+not\s+" + _OPERAND), "{} != {}"),
    (re.compile(r"\bnot\s+" + _OPERAND + r"\s+in\s+([\w.]+|\[[^\]]*\])"), "!({} in {})"),
    (re.compile(_OPERAND + r"\s+is\s+null\b"), "{} == null"),
    (re.compile(_OPERAND + r"\s+xor\s+" + _OPERAND), "{} != {}"),
    (re.compile(_OPERAND + r"\s+not\s+in\s+([\w.]+|\[[^\]]*\])"), "!({} in {})"),
    (
        re.compile(_OPERAND + r"\s+between\s+" + _OPERAND + r"\s+and\s+" + _OPERAND),
        "{0} >= {1} && {0} <= {2}",
    ),
    (re.compile(_OPERAND + r"\s+(contains|startsWith|endsWith|matches)\s+" + _OPERAND), "{}.{}({})"),
    (re.compile(r"\bif\s+(\S.{0,80}?)\s+then\s+(\S.{0,80}?)\s+else\s+" + _OPERAND), "{} ? {} : {}"),
    (re.compile(r"\band\s+not\s+" + _OPERAND + r"(?![\w.]|\s+in\b)"), "&& !{}"),
    (re.compile(r"\band\s+not\s+(?=\()"), "&& !"),
    (re.compile(r"\bor\s+not\s+(?=\()"), "|| !"),
    (re.compile(r"\bor\s+not\s+" + _OPERAND + r"(?![\w.]|\s+in\b)"), "|| !{}"),
    (re.compile(r"\bnot\s+" + _OPERAND + r"(?![\w.]|\s+in\b)"), "!{}"),
]
"""Phrases from other languages, and how to write them here."""


def _opened(text: str, opening: str, closing: str) -> bool:
    return text.count(opening) > text.count(closing)
