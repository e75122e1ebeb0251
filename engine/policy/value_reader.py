"""Read values of a type, and say how to write one."""

from __future__ import annotations

import re

from documents.diagnostics import did_you_mean
from documents.nodes import Node, Scalar, read_plain
from documents.reader import Reader
from engine.expression.quantity import (
    no_such_moment,
    parse_decimal,
    parse_duration,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.types import MAX_DOUBLE, MAX_INT, MAX_PLACES, Type
from engine.policy.model import Value


def read_value(reader: Reader, node: Node, type_: Type, what: str) -> Value:
    """Read the value of a parameter; None after a problem."""
    if type_.kind == "list" and type_.item is not None:
        item = type_.item
        items = reader.items(node, what, texts=item.kind == "string")
        unquoted = [n for n in items if isinstance(n, Scalar) and not isinstance(n.value, str)]
        if item.kind == "string" and len(unquoted) > 1:
            listed = ", ".join(f'"{n.text}"' if isinstance(n, Scalar) else "…" for n in items[:12])
            reader.report(
                node, "wrong-value", f"the items of {what} must be text", f"quote them: `[{listed}]`"
            )
            return None
        return tuple(read_value(reader, n, item, f"an item of {what}") for n in items)
    if not isinstance(node, Scalar):
        hint = "write one value, without brackets"
        reader.report(node, "wrong-value", f"{what} must be one {type_.kind}", hint)
        return None
    value = scalar_value(node, type_)
    if value is None:
        missing = no_such_moment(node.text) if type_.kind == "timestamp" else None
        message = missing[0] if missing else f"{what} must be {wanted(type_)}"
        reader.report(node, "wrong-value", message, value_hint(node, type_))
    return value


def scalar_value(node: Scalar, type_: Type) -> Value:
    """The value of a scalar without any conversion; None if it is not a value of the type."""
    value = node.value
    match type_.kind:
        case "bool":
            return value if isinstance(value, bool) else None
        case "int":
            return value if type(value) is int and abs(value) <= MAX_INT else None
        case "decimal":
            units = parse_decimal(node.text, type_.scale) if isinstance(value, int | float | str) else None
            return units if units is not None and abs(units) <= MAX_INT else None
        case "double":
            return value if isinstance(value, float) and abs(value) <= MAX_DOUBLE else None
        case "string":
            return value if isinstance(value, str) and len(value) <= type_.max_length else None
        case "enum":
            return value if value in type_.members else None
        case "duration":
            return parse_duration(value) if isinstance(value, str) else None
        case "timestamp":
            return parse_timestamp(value) if isinstance(value, str) else None
    return None


_EXAMPLES = {
    "duration": "a duration such as `90d`, `36h`, `15m` or `30s`",
    "timestamp": "a timestamp such as `2026-01-01T00:00:00Z`",
    "double": "a number with a decimal point, such as `0.5`",
    "int": "a whole number",
    "bool": "`true` or `false`",
    "string": "text",
}


def wanted(type_: Type) -> str:
    """What a value of the type is, in words."""
    if type_.kind == "enum":
        return "one of " + ", ".join(f"`{m}`" for m in type_.members[:12])
    if type_.kind == "decimal":
        return f"a number with at most {type_.scale} decimal place{'' if type_.scale == 1 else 's'}"
    return _EXAMPLES.get(type_.kind, type_.kind)


def value_hint(node: Scalar, type_: Type) -> str | None:
    """How to write a scalar as a value of a type."""
    text = node.text.strip()
    problem = read_plain(text)[1] if type_.kind == "bool" else None
    if problem is not None and problem[0] == "ambiguous-boolean" and problem[2]:
        return problem[2].split(",")[0]
    if node.value is None:
        return "write a value"
    if type_.kind == "enum":
        return did_you_mean(node.text, type_.members)
    if type_.kind == "duration":
        return why_no_duration(text)
    if type_.kind == "timestamp":
        return why_no_timestamp(text)
    if type_.kind == "double" and isinstance(node.value, int):
        return f"write `{node.text}.0`"
    if type_.kind in ("int", "double", "bool") and node.style and read_plain(text)[0] != text:
        return "leave out the quotes"
    if type_.kind == "decimal" and (fewer := _fewer_places(text, type_.scale)):
        return fewer
    if type_.kind in ("int", "decimal", "double"):
        return _number_hint(node, type_.kind)
    if type_.kind == "string" and not isinstance(node.value, str):
        return f'quote it: `"{node.text[:40]}"`'
    if type_.kind == "string":
        return f"a text here has at most {type_.max_length:,} characters"
    return f"write `{str(bool(node.value)).lower()}`" if node.value in (0, 1) else None


def _fewer_places(text: str, scale: int) -> str | None:
    number = re.fullmatch(r"-?[0-9]+\.([0-9]{1,30})", text)
    places = len(number[1]) if number else 0
    if number is None or places <= scale:
        return None
    more = f", or declare `{{decimal: {places}}}`" if places <= MAX_PLACES else ""
    fewer = number.group()[: scale - places]
    return f"write at most {scale} decimal place{'' if scale == 1 else 's'}, such as `{fewer}`{more}"


def _number_hint(node: Scalar, kind: str) -> str | None:
    text = node.text.strip()
    if kind == "int" and isinstance(node.value, float):
        return whole_number_hint(node.text)
    percent = re.fullmatch(r"([0-9]{1,3})\s*%", text)
    if percent:
        share = f"{int(percent[1]) / 100:g}"
        return (
            f"write `{share if '.' in share else share + '.0'}`"
            if kind in ("double", "decimal")
            else f"write `{percent[1]}`"
        )
    grouped = re.fullmatch(r"[0-9]{1,3}(?:[ ,_'][0-9]{3})+(\.[0-9]+)?", text)
    if grouped:
        decimals = grouped[1] if grouped[1] and kind != "int" else ""
        return (
            f"write `{re.sub('[^0-9]', '', text.partition('.')[0])}{decimals or ('.0' * (kind == 'double'))}`"
        )
    dotted = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{3})+),([0-9]{1,2})", text)
    if dotted and kind != "int":
        return f"write `{dotted[1].replace('.', '')}.{dotted[2]}`"
    comma = re.fullmatch(r"(-?[0-9]+),([0-9]{1,2})", text)
    if comma:
        point = f"{comma[1]}.{comma[2]}"
        return f"write `{point}`" if kind in ("double", "decimal") else whole_number_hint(point)
    alone = re.fullmatch(r"[$€£]?\s*([0-9]+(?:\.[0-9]+)?)\s*[a-zA-Z$€£/²³°]*", text)
    if alone:
        number = alone[1] + (".0" if kind == "double" and "." not in alone[1] else "")
        if kind == "int" and "." in number:
            return whole_number_hint(number)
        return f"write `{number}`, without its unit"
    if compared := re.fullmatch(r"[<>]=?\s*(-?[0-9][0-9.]*)", text):
        return f"write `{compared[1]}`: only an expression compares"
    if re.fullmatch(r"[\[(\]]?\s*-?[0-9][0-9.]*?\s*\.\.\s*-?[0-9][0-9.]*\s*[\])\[]?", text):
        return "write one number; in a table, two columns such as `from` and `below` hold the two ends"
    if text.lower() in ("-", "*", "any", "inf", "infinity", "unlimited", "∞", "max", "min"):
        return "write a number beyond all that occur, where there is no bound"
    if re.search(r"[0-9a-z]\s*[*+/]\s*[0-9a-z]", text):
        return "write the result in digits: nothing is computed here"
    return (
        "write a number in digits, with a decimal point" if kind == "double" else "write a number in digits"
    )


def whole_number_hint(text: str) -> str:
    """How to write a decimal number as an integer; with two decimal places it may be an amount of money."""
    whole, _, decimals = text.partition(".")
    cents = f"`{int(whole + decimals)}`" if len(decimals) == 2 and "e" not in decimals.lower() else None
    if not decimals.strip("0"):
        return f"write `{int(whole)}`" + (f", or {cents} if it counts cents" if cents else "")
    if cents:
        return f"count in cents: write {cents}; or declare it as `double`"
    return "declare it as `double`, or count in a smaller unit"
