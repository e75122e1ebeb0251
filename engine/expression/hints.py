"""Hints on what to write instead of words from other languages and values of the wrong type."""

from __future__ import annotations

import re

from documents.diagnostics import nearest
from engine.expression import typed as t
from engine.expression.functions import DURATIONS, FUNCTIONS
from engine.expression.quantity import (
    NO_LENGTH,
    mend_duration,
    no_such_moment,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.scope import Scope
from engine.expression.syntax import COMPARISONS
from engine.expression.types import MAX_INT, TEXTUAL, Type, article

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
"""Functions by their lowercase names in other languages."""
CLOCK = "the calendar and the time of day are not part of the language: declare what you need as a fact"
_POSITION = (
    "items have no position: test them with `exists` or `all`, or declare the one that you need as a fact"
)
CALENDAR = "the calendar is not part of the language: compare moments, or declare what you need as a fact"
_NO_CONVERSION = "there is no type conversion"
_PARTS = "text cannot be split or joined in a condition: declare the part that you need as a fact"
_CONVERT = f"{_NO_CONVERSION}: declare the fact with the type that you need"
_WORKDAYS = "only the caller knows the holidays: declare the moment or the number of days as a fact"
INSTEAD = {
    **dict.fromkeys(("month", "months", "year", "years"), NO_LENGTH),
    **dict.fromkeys(("businessdays", "workdays", "workingdays", "weekdays"), _WORKDAYS),
    **dict.fromkeys(
        ("string", "str", "text", "int", "integer", "double", "float", "bool", "number"), _CONVERT
    ),
    "greatest": "write it as `max(…, …)`, or `max(…)` of a list",
    "least": "write it as `min(…, …)`, or `min(…)` of a list",
    **dict.fromkeys(
        ("substring", "substr", "replace", "split", "join", "charat", "indexof", "concat", "format"), _PARTS
    ),
    **dict.fromkeys(
        ("upper", "toupper", "touppercase", "upperascii"), "compare in lowercase, with `lowerAscii()`"
    ),
    "total": "write it as `sum(…)` of a list",
    **dict.fromkeys(("avg", "average", "mean"), 'write it as `divide(sum(…), size(…), 2, "half_even")`'),
    **dict.fromkeys(("floor", "trunc", "truncate"), 'write it as `round(…, 0, "down")`'),
    **dict.fromkeys(("ceil", "ceiling"), 'write it as `round(…, 0, "up")`'),
    **dict.fromkeys(("multiply", "mul", "times"), "write it as `… * …`"),
    **dict.fromkeys(("div", "quotient", "quot"), 'write it as `divide(…, …, 2, "half_even")`'),
    **dict.fromkeys(("coalesce", "ifnull", "nvl", "orvalue", "default"), "write it as `… != null ? … : …`"),
    **dict.fromkeys(("if", "iif", "when"), "write it as `… ? … : …`"),
    **dict.fromkeys(("isempty", "empty"), "write it as `size(…) == 0`"),
    **dict.fromkeys(("isnull", "isnone"), "write it as `… == null`"),
    **dict.fromkeys(("date", "today", "dayofweek", "weekday", "year"), CALENDAR),
    "weeks": "write seven days for each week, such as `days(14)`",
    "week": "write it as `days(7)`",
    "abs": "write it as `… < 0 ? -… : …`",
    **dict.fromkeys(("decimal", "money"), "write only the amount, such as `fee > 12.50`"),
    **dict.fromkeys(("first", "last", "head", "tail", "get", "at", "nth", "item", "elementat"), _POSITION),
    **dict.fromkeys(
        ("sort", "sorted", "orderby", "reverse", "reversed"),
        "write it as `min(…)` for the smallest item, `max(…)` for the largest",
    ),
    **dict.fromkeys(
        ("distinct", "unique", "isunique"),
        "write it as `….all(x, ….exists_one(y, y == x))` if no item may occur twice",
    ),
    "not": "write `!` in front of it",
    "and": "write it as `… && …`",
    "or": "write it as `… || …`",
    "between": "write it as `… >= … && … <= …`",
    "has": "write it as `… != null`",
    "none": "write it as `!….exists(x, …)`",
}
"""Alternatives to functions that other languages have and this one lacks, by lowercase name."""
_MOVES = (("add", "+"), ("plus", "+"), ("subtract", "-"), ("minus", "-"))
_SIGNS_IN_WORDS = {
    **dict.fromkeys(("lessthan", "lt"), "<"),
    **dict.fromkeys(("lessthanorequal", "lte", "le"), "<="),
    **dict.fromkeys(("greaterthan", "gt"), ">"),
    **dict.fromkeys(("greaterthanorequal", "gte", "ge"), ">="),
    **dict.fromkeys(("equals", "eq", "equal"), "=="),
}
_REWRITTEN = {
    "abs": "({0} < 0 ? -{0} : {0})",
    "greatest": "max({0}, {1})",
    "least": "min({0}, {1})",
    **dict.fromkeys(("coalesce", "ifnull", "nvl", "orvalue"), "({0} != null ? {0} : {1})"),
    **dict.fromkeys(("if", "iif"), "({0} ? {1} : {2})"),
    **dict.fromkeys(("isnull", "isnone"), "{0} == null"),
    **dict.fromkeys(("isempty", "empty"), "size({0}) == 0"),
    **dict.fromkeys(("len", "length", "count"), "size({0})"),
    "between": "({0} >= {1} && {0} <= {2})",
    "total": "sum({0})",
    **dict.fromkeys(("floor", "trunc", "truncate"), 'round({0}, 0, "down")'),
    **dict.fromkeys(("ceil", "ceiling"), 'round({0}, 0, "up")'),
    **dict.fromkeys(("multiply", "mul", "times"), "{0} * {1}"),
    **dict.fromkeys(("div", "quotient", "quot"), 'divide({0}, {1}, 2, "half_even")'),
    **dict.fromkeys(("distinct", "unique", "isunique"), "{0}.all(x, {0}.exists_one(y, y == x))"),
    **{f"{verb}{unit}": f"{{0}} {sign} {unit}({{1}})" for unit in DURATIONS for verb, sign in _MOVES},
    "has": "{0} != null",
    **{name: f"{{0}} {sign} {{1}}" for name, sign in _SIGNS_IN_WORDS.items()},
    "not": "!{0}",
    "and": "({0} && {1})",
    "or": "({0} || {1})",
}
"""How to rewrite a call from another language, with its arguments as numbered placeholders."""


_DECIMAL_CALL = re.compile(r"\bdecimal\([\"']([0-9.]+)[\"']\)")
_LIST = re.compile(r"([\w.]+?)(?:\.map\(.*\))?")


def call_hint(name: str, parts: list[str]) -> str | None:
    """The call rewritten with its own arguments, or None if the rewrite is ambiguous."""
    if name in ("week", "weeks") and len(parts) == 1 and parts[0].isdecimal():
        return f"write `days({7 * int(parts[0])})`"
    if name in ("avg", "average", "mean") and len(parts) == 1 and (listed := _LIST.fullmatch(parts[0])):
        count = f"size({listed[1]})"
        return f'write `({count} != 0 ? divide(sum({parts[0]}), {count}, 2, "half_even") : 0)`'
    parts = [_DECIMAL_CALL.sub(r"\1", part) for part in parts]
    if (
        name in ("decimal", "money")
        and len(parts) == 1
        and (amount := re.fullmatch(r"[\"']([0-9.]+)[\"']", parts[0]))
    ):
        return f"write `{amount[1]}`"
    shape = _REWRITTEN.get(name)
    if shape is None or len(parts) != len(set(re.findall(r"\{([0-9])\}", shape))):
        return None
    return f"write `{shape.format(*map(_operand, parts))}`"


def _operand(text: str) -> str:
    """An argument in parentheses, unless it is a name, a number, a text or a call."""
    whole = re.fullmatch(r"-?[\w.]+(?:\([^()]*\))?|\"[^\"]*\"|'[^']*'|\([^()]*\)", text)
    return text if whole else f"({text})"


_WORDS = {"True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "today": "now", "NOW": "now"}
_WORDS |= {**dict.fromkeys(("yes", "Yes", "on"), "true"), **dict.fromkeys(("no", "No", "off"), "false")}
_WORDS |= {"tomorrow": "now + days(1)", "yesterday": "now - days(1)"}
_WORDS |= dict.fromkeys(("None", "nil", "NULL", "Null", "undefined", "nothing", "none"), "null")


NO_ROW = "only a rule with `for_each` has a `row`"
"""Stands for a hint that names a table, which the validator chooses."""


def output_hint(name: str, scope: Scope) -> str:
    if field := _field_of_variable(name, scope):
        return f"write `{field}`"
    place = "in the rule's `set`" if scope.outputs[name] else "in the output"
    return f"compute it under `values`, and read that value here and {place}"


def _field_of_variable(name: str, scope: Scope) -> str | None:
    return next(
        (f"{v}.{name}" for v, type_ in scope.variables.items() if type_.field(name) is not None), None
    )


def name_hint(name: str, scope: Scope) -> str:
    if name in _WORDS:
        return f"write `{_WORDS[name]}`"
    if field := _field_of_variable(name, scope):
        return f"write `{field}`"
    near = nearest(name, scope.names(), 0.7)
    if near is None and name == "row":
        return NO_ROW
    if near is not None:
        return f"did you mean `{near}`?"
    owner = next((fact for fact, type_ in scope.facts.items() if type_.field(name) is not None), None)
    if owner is not None:
        return f"write `{owner}.{name}`"
    lists = {n: f.item for n, f in scope.facts.items() if f.item is not None}
    within = next((n for n, item in lists.items() if item.field(name) is not None), None)
    if within is not None:
        return f"it is a field of `{within}`: write `{within}.exists(x, x.{name} …)`, or `all`"
    return "declare it under `facts`, `parameters`, `values` or `conditions`, or quote it if it is text"


def field_hint(field: str, record: t.Typed, shown: str) -> str:
    kind = record.type.kind
    if field in FUNCTIONS:
        return f"it is a function: write `{f'….{field}(…)' if FUNCTIONS[field].method else f'{field}(…)'}`"
    item = record.type.item
    if item is not None and (found := item.field(field)) is not None:
        if found.kind in ("int", "decimal") and not found.optional:
            return f"for their sum, write `sum({shown}.map(x, x.{field}))`; to test one, `{shown}.exists(x, x.{field} …)`"
        return f"write `{shown}.exists(x, x.{field} …)`, or `all`"
    if ELSEWHERE.get(field.lower()) == "size":
        return f"write `size({shown})`"
    if kind == "list":
        return "look at its items with `exists` or `all`"
    if kind == "duration":
        return f"a duration has no fields: compare `{shown}` itself with another duration, such as `days(3)`"
    if kind == "timestamp":
        return (
            'a timestamp has no fields: compare it with another, such as `timestamp("2026-01-01T00:00:00Z")`'
        )
    return "only records and rows have fields"


def conversion_hint(left: t.Typed, right: t.Typed, operator: str, one_text: str, other_text: str) -> str:
    """What to write instead of an operation whose operands have different types."""
    if operator == "+" and "string" in (left.type.kind, right.type.kind):
        return "text is not joined in an expression: a `message` quotes a value, as in `… {name} …`"
    for one, other, shown in ((left, right, other_text), (right, left, one_text)):
        hint = _side_hint(one, other, operator, shown)
        if hint is not None:
            return hint
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"decimal"}:
        shown = one_text if left.type.scale > right.type.scale else other_text
        return f'write `round({shown}, {min(left.type.scale, right.type.scale)}, "half_even")`'
    if kinds == {"decimal", "int"}:
        shown = one_text if left.type.kind == "int" else other_text
        return f'write `round({shown}, {max(left.type.scale, right.type.scale)}, "half_even")`'
    if kinds == {"decimal", "double"}:
        double, shown = (left, one_text) if left.type.kind == "double" else (right, other_text)
        declared = isinstance(double, t.FactRef | t.Field | t.ParameterRef)
        named = f"`{shown}`" if declared else "the double"
        return f"declare {named} as `{{decimal: {max(left.type.scale, right.type.scale)}}}`, which is exact"
    if "record" in kinds:
        return "compare their fields"
    if "list" in kinds:
        return _items_hint(left, right, operator, one_text, other_text)
    if kinds == {"timestamp", "duration"}:
        moment = one_text if left.type.kind == "timestamp" else other_text
        since = "…" if moment == "now" else moment
        return f"for the time since a moment, compare `now - {since}` with a duration"
    if kinds == {"int", "double"}:
        return (
            f"declare `{one_text}` and `{other_text}` with the same type, `int` or `double`: {_NO_CONVERSION}"
        )
    types = f"`{left.type.required()}` or `{right.type.required()}`"
    return f"declare both with the same type, {types}: {_NO_CONVERSION}"


def replaced_side(left: t.Typed, right: t.Typed, operator: str, hint: str) -> t.Typed | None:
    """The operand that a `conversion_hint` replaces; None if it replaces the whole operation or says what to do elsewhere."""
    if not hint.startswith(("write", "quote")):
        return None
    for one, other in ((left, right), (right, left)):
        if _side_hint(one, other, operator, "…") is not None:
            return one
    kinds = (left.type.kind, right.type.kind)
    if kinds == ("decimal", "decimal"):
        return left if left.type.scale > right.type.scale else right
    if set(kinds) == {"decimal", "int"}:
        return left if kinds[0] == "int" else right
    return None


def _side_hint(one: t.Typed, other: t.Typed, operator: str, shown: str) -> str | None:
    """How to write a literal whose other operand has a different type."""
    if not isinstance(one, t.Const) or one.type.kind not in ("bool", "int", "double", "string"):
        numeric = one.type.kind in ("int", "double")
        if numeric and other.type.kind == "duration":
            return "compare it with a duration, for example `days(90)`; or declare it as `duration`"
        if numeric and other.type.kind == "timestamp":
            kind = "duration" if operator in ("+", "-") else "timestamp"
            return f"declare it as `{kind}` instead, and supply one"
        return None
    number = one.value if isinstance(one.value, int | float) and one.type.kind != "bool" else None
    if other.type.kind == "timestamp" and number is not None and operator not in ("+", "-"):
        if shown == "now":
            return 'compare it with a timestamp, such as `timestamp("2026-01-01T00:00:00Z")`'
        return f"for the time since `{shown}`, compare `now - {shown}` with `days({int(number)})`"
    return _literal_hint(one.value, other.type)


def _items_hint(left: t.Typed, right: t.Typed, operator: str, one_text: str, other_text: str) -> str:
    """Hint at `prices >= 5`: compare each item instead."""
    item = left.type.item
    listed = right.type.item
    if item is None and listed is not None and not listed.fields and operator in ("==", "!="):
        within = f"{one_text} in {other_text}"
        return f"write `{within}`" if operator == "==" else f"write `!({within})`"
    if item is None or operator not in COMPARISONS or right.type.kind == "list":
        return "lists are compared item by item, with `exists` or `all`"
    field = next(
        (f".{n}" for n, f in item.fields if f.kind == right.type.kind), "" if not item.fields else ".…"
    )
    return f"write `{one_text}.exists(x, x{field} {operator} {other_text})`, or `all` for every item"


def _literal_hint(value: object, wanted: Type) -> str | None:
    """How to write a literal as a value of the other operand's type."""
    kind = wanted.kind
    if kind == "enum" and not isinstance(value, str):
        return "compare it with one of its values: " + ", ".join(f'`"{m}"`' for m in wanted.members[:6])
    if isinstance(value, bool):
        return f'quote it if it is text: `"{str(value).lower()}"`' if kind in TEXTUAL else None
    if isinstance(value, int) and kind == "double":
        return f"write `{value}.0`"
    if isinstance(value, float) and kind == "decimal":
        return f"write at most {wanted.scale} decimal places"
    if isinstance(value, int) and kind in ("duration", "timestamp"):
        return f"write a duration, for example `days({value})`"
    if isinstance(value, int | float) and kind in TEXTUAL:
        return f'quote it if it is text: `"{value}"`'
    if isinstance(value, float) and kind == "int":
        return (
            f"write `{int(value)}`"
            if value.is_integer()
            else "write a whole number; the other operand is an int"
        )
    if isinstance(value, int) and kind == "bool":
        return "a bool is `true` or `false`: use it without a comparison, or write `!` in front"
    if not isinstance(value, str):
        return None
    if braces := _BRACES.fullmatch(value):
        return f"write `{braces[1]}`, without quotes and braces"
    if kind in ("int", "decimal", "double") and re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", value):
        return f"write `{value}`, without quotes"
    if kind in ("int", "decimal", "double"):
        return f"write a number; {_NO_CONVERSION} between text and numbers"
    if kind == "bool":
        return "a bool is `true` or `false`: use it without a comparison, or write `!` in front"
    if kind == "duration":
        mended = mend_duration(value)
        return f'write `duration("{mended}")`' if mended else 'write a duration, such as `duration("90d")`'
    if kind == "timestamp" and _TIME_OF_DAY.fullmatch(value):
        return CLOCK
    if kind == "timestamp" and (moment := mended_moment(value)):
        return f'write `timestamp("{moment}")`'
    if kind == "timestamp":
        return 'write a moment, such as `timestamp("2026-01-31T00:00:00Z")`'
    return None


_TIME_OF_DAY = re.compile(
    r"(?i)[0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?(?:\s*[ap]m)?|[0-9]{1,2}\s*[ap]m|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
)
_BRACES = re.compile(r"\{+\s*([\w.]+)\s*\}+")


def mended_moment(text: str) -> str | None:
    """The text itself if it is a valid timestamp, otherwise a corrected one; None if the meaning is ambiguous."""
    if parse_timestamp(text) is not None:
        return text
    if no_such_moment(text) is not None:
        return None
    match = re.search("(?<!such as )`([0-9][^`]+)`", why_no_timestamp(text))
    return match[1] if match and parse_timestamp(match[1]) is not None else None


def quantity_hint(function: str, value: object) -> str:
    """How to write an invalid argument of `days`, `duration` or `timestamp`."""
    if function == "timestamp":
        moment = mended_moment(value) if isinstance(value, str) else None
        if moment:
            return f'write `timestamp("{moment}")`'
        return (
            why_no_timestamp(value)
            if isinstance(value, str)
            else 'such as `timestamp("2026-01-31T00:00:00Z")`'
        )
    if function == "duration":
        return _duration_hint(value)
    if isinstance(value, str) and value.strip().isdecimal():
        return f"write `{function}({value.strip()})`"
    if isinstance(value, str):
        mended = mend_duration(value)
        return f'write `duration("{mended}")`' if mended else f"such as `{function}(30)`"
    if isinstance(value, int | float) and value < 0:
        return f"write `{function}({-value})`, and subtract it with `-`"
    if isinstance(value, float):
        mended = mend_duration(f"{value}{DURATIONS[function]}")
        return f'write `duration("{mended}")`' if mended else f"such as `{function}({int(value)})`"
    if isinstance(value, int) and not isinstance(value, bool):
        return "a duration is at most 100 years"
    return f"such as `{function}(30)`"


def _duration_hint(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"write `days({value})`, or `hours({value})`"
    mended = mend_duration(value) if isinstance(value, str) else None
    if mended:
        return f'write `duration("{mended}")`'
    return why_no_duration(value) if isinstance(value, str) else 'such as `duration("90d")`'


def misfit_hint(node: t.Typed, expected: Type, shown: str, is_output: bool) -> str:
    """What to write instead of an expression of the wrong type, in a condition or an output."""
    if expected.kind == "bool":
        return _truth_hint(node, shown)
    kind = node.type.kind
    if isinstance(node, t.Const) and isinstance(node.value, float) and expected.kind == "int":
        return _whole_number_hint(node.value, shown)
    if isinstance(node, t.Const) and kind != "timestamp" and kind != "duration" and node.value is not None:
        hint = _literal_hint(node.value, expected)
        if hint is not None:
            return hint
    if not is_output:
        return f"give {article(expected.required())}: {_NO_CONVERSION}"
    optional = node.type.optional or expected.optional
    declared = f'`type: "{kind}?"`' if optional else f"`type: {kind}`"
    if kind == "decimal":
        declared = f"`type: {{decimal: {node.type.scale}{', optional: true' if optional else ''}}}`"
    if kind == "decimal" and expected.kind == "int":
        return f'declare the output with {declared}, or write `round({shown}, 0, "half_even")`'
    if kind == "duration" and expected.kind == "timestamp":
        return f"add it to a moment: `now + {shown}`; or declare the output with {declared}"
    if kind == "timestamp" and expected.kind == "duration":
        return f"the time until then is `{shown} - now`; or declare the output with {declared}"
    if kind in ("list", "record", "enum"):
        return f"give {article(expected)}"
    return f"give {article(expected.required())}, or declare the output with {declared}"


def _whole_number_hint(value: float, shown: str) -> str:
    if value.is_integer() and abs(value) <= MAX_INT:
        return f"write `{int(value)}`"
    if cents := re.fullmatch(r"([0-9]+)\.([0-9]{2})", shown):
        return f"write a whole number: `{int(cents[1] + cents[2])}` for {shown}, if it counts cents"
    return "write a whole number, or declare the output as `double`"


def _truth_hint(node: t.Typed, shown: str) -> str:
    kind = node.type.kind
    if isinstance(node, t.Const) and node.value in ("true", "false"):
        return f"write `{node.value}`, without quotes"
    if isinstance(node, t.Const):
        return "compare a fact with it, for example with `==`"
    if node.type.optional:
        return f"write `{shown} != null` to test only whether it is there"
    if kind in ("int", "double"):
        return f"compare it, for example `{shown} > {'0' if kind == 'int' else '0.0'}`"
    if kind == "list":
        return f"compare its size, for example `size({shown}) > 0`"
    if kind == "enum":
        return f'compare it, for example `{shown} == "{node.type.members[0]}"`'
    if kind == "string":
        return f'compare it: `{shown} == "…"`'
    if kind in ("duration", "timestamp"):
        return f"compare it, for example `{shown} < {'now' if kind == 'timestamp' else 'days(30)'}`"
    return "compare it"
