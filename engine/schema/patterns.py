"""What a regular expression can say of the texts in policy and case files, in the dialect that Rust and JavaScript share.

INVARIANT: a text that the loader takes matches, and no text takes more than polynomial time: of what repeats, each piece ends in
one way only. The other way round much is let through, which is for `comity check` to tell.
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
"""Operands with an operator between each two."""

_OTHER = rf"""[^"'/]|/(?!/)|{_COMMENT}"""
"""What is neither text in quotes nor a part of a comment."""
_ANYWHERE = rf"(?:{_TEXT}|{_OTHER})*?"
_PATH = r"[a-z_][\w.]*"
_WHOLE = r"[0-9]+(?![\w.])"
_CALLED = "|".join(sorted({*FUNCTIONS, *QUANTIFIERS, *DURATIONS, ROW, "duration", "timestamp", "in"}))
_NEVER = (
    rf"(?<!\w)(?!(?:{_CALLED})(?!\w))[A-Za-z_]\w*\s*\(",  # a function that there is not
    rf"(?<!\w)in\s*\(\s*(?:{_TEXT}|{_WHOLE})\s*,",  # a list in round brackets
    r"[<>]=?\s*[\w.]+\s*[<>]",  # a < b < c
    rf"(?<![\w.])now\s*[-+]\s*{_PATH}\s*[<>=!]=?\s*{_WHOLE}",  # a moment or duration, and a number without a unit
    rf"(?<![\w.])now\s*[<>]=?\s*{_PATH}\s*[-+]\s*{_WHOLE}",
    rf"(?<![\w.])({_PATH})\s*>=?\s*({_WHOLE})\s*&&\s*\1\s*<\s*\2(?![\w.])",  # above and below one number
    rf"(?:^|\(|\|\|)\s*({_PATH})\s*==\s*({_TEXT})\s*\|\|\s*\3\s*!=\s*\4\s*(?:$|\)|\|\|)",  # one word or not that word
)
_CAPITAL = rf"""(?:{_TEXT}|[^"'A-Za-z_]|[a-z_]\w*(?!\w))*[A-Z](?!["'])"""
_NAMES_AN_ITEM = r"[\s\S]*\.(?:exists|all|exists_one|filter|map)\s*\("
"""Only what a condition names itself, an item of a list, may have a capital letter."""
_DEEPEST = 12


def _balanced() -> str:
    """Round brackets that match, as deep as `_DEEPEST`; a text with more of them is not looked at."""
    plain = rf"""{_TEXT}|{_COMMENT}|[^()"'/]|/(?!/)"""
    inside = rf"(?:{plain})*"
    for _ in range(_DEEPEST):
        inside = rf"(?:{plain}|\({inside}\))*"
    return rf"(?:{inside}$|(?:[^(]*\(){{{_DEEPEST + 1}}})"


CONDITION = (
    rf"^(?!{_ANYWHERE}(?:{'|'.join(_NEVER)}))(?:(?={_NAMES_AN_ITEM})|(?!{_CAPITAL}))"
    rf"(?={_balanced()}){_ALTERNATING}"
)
