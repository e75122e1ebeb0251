"""What to write instead: the hints about words of other languages, and about values of another type than is wanted."""

from __future__ import annotations

from documents.diagnostics import nearest
from engine.expression import typed as t
from engine.expression.functions import FUNCTIONS
from engine.expression.quantity import (
    mend_duration,
    parse_duration,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.scope import Scope
from engine.expression.types import TEXTUAL, Type

ELSEWHERE = {
    "lower": "lowerAscii",
    "tolower": "lowerAscii",
    "tolowercase": "lowerAscii",
    "strip": "trim",
    "len": "size",
    "length": "size",
    "count": "size",
    "any": "exists",
    "some": "exists",
    "find": "exists",
    "every": "all",
    "where": "filter",
    "includes": "contains",
    "regex": "matches",
    "datetime": "timestamp",
    "parsedate": "timestamp",
    "interval": "duration",
    "timedelta": "duration",
}
"""Functions by the names that other languages give them, in small letters."""
CALENDAR = "the calendar is not part of the language: compare moments, or declare what you need as a fact"
_PARTS = "texts are not cut or joined here: declare the part that you need as a fact"
_CONVERT = "nothing is converted: declare the fact with the type that you need"
_NO_LENGTH = "months and years have no fixed length: write days, such as `days(30)` or `days(365)`"
_WORKDAYS = "only the caller knows which days are free: declare the moment or the number of days as a fact"
INSTEAD = {
    **dict.fromkeys(("month", "months", "year", "years"), _NO_LENGTH),
    **dict.fromkeys(("businessdays", "workdays", "workingdays", "weekdays"), _WORKDAYS),
    **dict.fromkeys(
        ("string", "str", "text", "int", "integer", "double", "float", "bool", "number"), _CONVERT
    ),
    "greatest": "write `max(a, b)`, or `max(list)`",
    "least": "write `min(a, b)`, or `min(list)`",
    **dict.fromkeys(
        ("substring", "substr", "replace", "split", "join", "charat", "indexof", "concat", "format"), _PARTS
    ),
    **dict.fromkeys(
        ("upper", "toupper", "touppercase", "upperascii"), "compare in small letters, with `lowerAscii()`"
    ),
    "total": "write `sum(list)`, such as `sum(lines.map(l, l.price))`",
    **dict.fromkeys(("avg", "average", "mean"), 'write `divide(sum(list), size(list), 2, "half_even")`'),
    **dict.fromkeys(("floor", "trunc", "truncate"), 'write `round(x, 0, "down")`'),
    **dict.fromkeys(("ceil", "ceiling"), 'write `round(x, 0, "up")`'),
    **dict.fromkeys(("multiply", "mul", "times"), "write `a * b`"),
    **dict.fromkeys(("div", "quotient", "quot"), 'write `divide(a, b, 2, "half_even")`'),
    **dict.fromkeys(("coalesce", "ifnull", "nvl", "orvalue", "default"), "write `a != null ? a : b`"),
    **dict.fromkeys(("if", "iif", "when"), "write `condition ? a : b`"),
    **dict.fromkeys(("isempty", "empty"), "write `size(…) == 0`"),
    **dict.fromkeys(("isnull", "isnone"), "write `… == null`"),
    **dict.fromkeys(("date", "today", "dayofweek", "weekday", "year"), CALENDAR),
    "weeks": "write seven days for each week, such as `days(14)`",
    "week": "write `days(7)`",
    "abs": "write `a < 0 ? -a : a`",
    **dict.fromkeys(("decimal", "money"), "write the amount alone beside a decimal, such as `fee > 12.50`"),
    "not": "write `!` in front of it",
    "and": "write `a && b`",
    "or": "write `a || b`",
    "between": "write `x >= a && x <= b`",
    "has": "write `… != null`",
    "none": "write `!list.exists(x, …)`",
}
"""What to do instead of calling what other languages have and this one has not, by names in small letters."""
_WORDS = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "today": "now", "NOW": "now"}
_WORDS |= dict.fromkeys(("None", "nil", "NULL", "Null", "undefined", "nothing", "none"), "null")


def name_hint(name: str, scope: Scope) -> str:
    near = nearest(name, scope.names(), 0.7)
    if name in _WORDS:
        return f"write `{_WORDS[name]}`"
    if near is None and name == "row":
        return "give the rule `for_each: {row: table}` with the name of a table"
    if near is not None:
        return f"did you mean `{near}`?"
    return "declare it under `facts`, `parameters` or `conditions`, or quote it if it is text"


def field_hint(field: str, record: t.Typed, quoted: str) -> str:
    kind = record.type.kind
    if field in FUNCTIONS:
        return f"it is a function: write `{f'….{field}(…)' if FUNCTIONS[field].method else f'{field}(…)'}`"
    if ELSEWHERE.get(field.lower()) == "size":
        return f"write `size({quoted.strip('`') if quoted != 'this' else '…'})`"
    if kind == "list":
        return "look at its items with `exists` or `all`"
    if kind == "timestamp":
        return 'compare the whole moment, for example with `timestamp("2026-01-01T00:00:00Z")`'
    return "only records and rows have fields"


def conversion_hint(left: t.Typed, right: t.Typed) -> str:
    for one, other in ((left, right), (right, left)):
        literal = isinstance(one, t.Const) and one.type.kind in ("bool", "int", "double", "string")
        hint = _literal_hint(one.value, other.type) if literal and isinstance(one, t.Const) else None
        if (
            hint is None
            and other.type.kind in ("duration", "timestamp")
            and one.type.kind in ("int", "double")
        ):
            hint = "write a duration, for example `days(90)`"
        if hint is not None:
            return hint
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"decimal"}:
        return f'round one of them: `round(…, {min(left.type.scale, right.type.scale)}, "half_even")`'
    if kinds == {"decimal", "int"}:
        return f'make both decimals: `round(…, {max(left.type.scale, right.type.scale)}, "half_even")`'
    if kinds == {"decimal", "double"}:
        return "declare the double as `{decimal: 2}`, which is exact"
    if "record" in kinds:
        return "compare their fields"
    if "list" in kinds:
        return "lists are compared item by item, with `exists` or `all`"
    if kinds == {"timestamp", "duration"}:
        return "how long ago a moment was is `now - moment`, and that compares with a duration"
    return "nothing is converted; both sides must have one type"


def _literal_hint(value: object, wanted: Type) -> str | None:
    """How to write a literal as a value of the type that it stands beside."""
    kind = wanted.kind
    if isinstance(value, bool):
        return f"`{str(value).lower()}` is a bool and not text" if kind in TEXTUAL else None
    if isinstance(value, int) and kind == "double":
        return f"write `{value}.0`"
    if isinstance(value, float) and kind == "decimal":
        return f"write at most {wanted.scale} decimal places"
    if isinstance(value, int) and kind in ("duration", "timestamp"):
        return f"write a duration, for example `days({value})`"
    if isinstance(value, int | float) and kind in TEXTUAL:
        return f'quote it if it is text: `"{value}"`'
    if isinstance(value, float) and kind == "int":
        return f"write `{int(value)}`" if value.is_integer() else "write a whole number; this one is an int"
    if isinstance(value, int) and kind == "bool":
        return "a bool is `true` or `false`: leave the comparison out, or write `!` in front"
    if not isinstance(value, str):
        return None
    if kind in ("int", "double"):
        return "leave out the quotes; nothing is converted between text and numbers"
    if kind == "bool":
        return "a bool is true or false: leave the comparison out, or write `!` in front"
    if kind == "duration":
        mended = value if parse_duration(value) is not None else mend_duration(value)
        return f'write `duration("{mended or "90d"}")`'
    if kind == "timestamp":
        moment = value if parse_timestamp(value) is not None else "2026-01-01T00:00:00Z"
        return f'write `timestamp("{moment}")`'
    return None


def quantity_hint(function: str, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    if function == "timestamp":
        return why_no_timestamp(value)
    return why_no_duration(value) if function == "duration" else "leave out the quotes"


def truth_hint(node: t.Typed, expected: Type) -> str | None:
    if expected.kind != "bool":
        return None
    if node.type.kind in ("int", "double"):
        return "compare it, for example `> 0`"
    if node.type.kind == "list":
        return "compare its size, for example `size(…) > 0`"
    if node.type.kind == "enum":
        return f'compare it, for example `== "{node.type.members[0]}"`'
    if node.type.kind in ("string", "duration", "timestamp"):
        return "compare it with `==`" if node.type.kind == "string" else "compare it, for example with `<`"
    return None
