"""Regular expressions for the texts in policy and case files, in the dialect that Rust and JavaScript share.

INVARIANT: every text that the loader accepts matches, and matching takes polynomial time at most, since each repeated piece can
end in only one way. The patterns accept many invalid texts, which `comity check` reports.
"""

from __future__ import annotations

from documents.reader import NAME, RULE_ID
from engine.expression.functions import DURATIONS, FUNCTIONS, QUANTIFIERS, ROW

NO_TIME = "^0+(?:d|h|m|s|ms)$"
DECIMAL = r"^-?[0-9]{1,18}(?:\.[0-9]{1,9})?$"
DURATION = "^[0-9]{1,12}(?:d|h|m|s|ms)$"
MOMENT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
NAMES = f"^(?:{NAME.pattern})$"
RULE_IDS = f"^(?:{RULE_ID.pattern})$"
MESSAGE = rf"^(?:[^{{}}]|\{{{NAME.pattern}(?:\.{NAME.pattern})?\}})+$"

_COMMENT = r"//[^\n]*(?:\n|$)"
_SPACE = rf"(?:\s|{_COMMENT})*"
_TEXT = r"""[rR]?(?:"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')"""
_NUMBER = r"(?:0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)(?![\w.])"
_WORD = r"[A-Za-z_]\w*(?!\w)"
_BETWEEN = r"(?:&&|\|\||[=!<>]=|[<>]|[-+*?:,.(]|in(?!\w))"
_BEFORE = rf"(?:[-!(\[]{_SPACE})*"
_BEHIND = rf"(?:{_SPACE}(?:[)\]]|\({_SPACE}\)))*"
_OPERAND = rf"{_BEFORE}(?:{_TEXT}|{_NUMBER}|{_WORD}){_BEHIND}"
_ALTERNATING = rf"{_SPACE}{_OPERAND}(?:{_SPACE}{_BETWEEN}{_SPACE}{_OPERAND})*{_SPACE}$"
"""Operands separated by operators."""

_OTHER = rf"""[^"'/]|/(?!/)|{_COMMENT}"""
"""A character that is neither part of a string nor of a comment."""
_ANYWHERE = rf"(?:{_TEXT}|{_OTHER})*?"
_PATH = r"[a-z_][\w.]*"
_WHOLE = r"[0-9]+(?![\w.])"
_CALLED = "|".join(sorted({*FUNCTIONS, *QUANTIFIERS, *DURATIONS, ROW, "duration", "timestamp", "in"}))
_NEVER = (
    rf"(?<!\w)(?!(?:{_CALLED})(?!\w))[A-Za-z_]\w*\s*\(",  # an unknown function
    rf"(?<!\w)in\s*\(\s*(?:{_TEXT}|{_WHOLE})\s*,",  # a list in parentheses
    r"[<>]=?\s*[\w.]+\s*[<>]",  # a < b < c
    rf"(?<![\w.])now\s*[-+]\s*{_PATH}\s*[<>=!]=?\s*{_WHOLE}",  # a timestamp or duration compared with a number without a unit
    rf"(?<![\w.])now\s*[<>]=?\s*{_PATH}\s*[-+]\s*{_WHOLE}",
    rf"(?<![\w.])({_PATH})\s*>=?\s*({_WHOLE})\s*&&\s*\1\s*<\s*\2(?![\w.])",  # both above and below the same number
    rf"(?:^|\(|\|\|)\s*({_PATH})\s*==\s*({_TEXT})\s*\|\|\s*\3\s*!=\s*\4\s*(?:$|\)|\|\|)",  # equal to a word or different from it
)
_CAPITAL = rf"""(?:{_TEXT}|[^"'A-Za-z_]|[a-z_]\w*(?!\w))*[A-Z](?!["'])"""
_NAMES_AN_ITEM = r"[\s\S]*\.(?:exists|all|exists_one|filter|map)\s*\("
"""Only names that the condition itself introduces, such as loop variables, can contain capital letters."""
_DEEPEST = 12


def _balanced() -> str:
    """Balanced parentheses up to depth `_DEEPEST`; deeper text is not checked."""
    plain = rf"""{_TEXT}|{_COMMENT}|[^()"'/]|/(?!/)"""
    inside = rf"(?:{plain})*"
    for _ in range(_DEEPEST):
        inside = rf"(?:{plain}|\({inside}\))*"
    return rf"(?:{inside}$|(?:[^(]*\(){{{_DEEPEST + 1}}})"


CONDITION = (
    rf"^(?!{_ANYWHERE}(?:{'|'.join(_NEVER)}))(?:(?={_NAMES_AN_ITEM})|(?!{_CAPITAL}))"
    rf"(?={_balanced()}){_ALTERNATING}"
)
