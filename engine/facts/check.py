"""Check facts against the declarations of a policy. Only timestamps, durations and decimals are converted, to numbers.

Valid facts are returned in the engine's representation: timestamps and durations as integer microseconds, an absent optional fact
as None. JSON has a single number type, so an integer is accepted for a declared double.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from documents.diagnostics import did_you_mean
from engine.decision import FactError
from engine.expression.quantity import (
    format_decimal,
    from_datetime,
    parse_decimal,
    parse_duration,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.types import MAX_DOUBLE, MAX_DURATION, MAX_INT, Type
from engine.expression.values import format_value
from engine.facts.fast import compile_check

Errors = list[FactError]
Check = Callable[[Any, str, Errors], Any]
"""value, path, errors -> the engine's representation of the value, which is meaningless after an error."""

MAX_ERRORS = 20


class FactsCheck:
    """Built once per policy; `check` runs for every decision."""

    def __init__(self, facts: Mapping[str, Type]) -> None:
        self._fast = compile_check(facts)
        self._record = _record(tuple(facts.items()))
        self._types = facts

    def check(self, facts: object, *, superset: bool = False) -> tuple[dict[str, Any], tuple[FactError, ...]]:
        """Return the facts in the engine's representation, and the errors. With `superset`, unknown facts are ignored."""
        fast = self._fast(facts)
        if fast is not None:
            return fast, ()
        return self.check_slowly(facts, superset=superset)

    def check_slowly(
        self, facts: object, *, superset: bool = False
    ) -> tuple[dict[str, Any], tuple[FactError, ...]]:
        """Same result as `check`, without the generated code; produces the error messages."""
        errors: Errors = []
        checked = self._record(facts, "", errors, superset)
        return checked, tuple(errors[:MAX_ERRORS])

    def moment(self, name: str, value: object) -> int | None:
        """The value of a timestamp, or None if it is invalid."""
        errors: Errors = []
        checked: int = _check(self._types[name])(value, name, errors)
        return None if errors else checked


def _record(fields: tuple[tuple[str, Type], ...]) -> Callable[[Any, str, Errors, bool], Any]:
    checks = tuple((name, _check(type_), type_.optional) for name, type_ in fields)
    known = frozenset(name for name, _ in fields)

    def check(value: Any, path: str, errors: Errors, superset: bool) -> Any:
        if not isinstance(value, Mapping):
            return _mistyped(value, path or "facts", "a mapping of names to values", errors)
        result: dict[str, Any] = {}
        count = 0
        for name, field_check, optional in checks:
            item = value.get(name, _ABSENT)
            if item is _ABSENT:
                if not optional:
                    _fail(errors, _join(path, name), "missing", "is missing")
                result[name] = None
                continue
            count += 1
            result[name] = field_check(item, _join(path, name) if path else name, errors)
        if count != len(value) and not superset:
            _unknown(value, known, path, errors)
        return result

    return check


_ABSENT = object()


def _check(type_: Type) -> Check:
    check = _required(type_)
    if type_.optional:
        return lambda value, path, errors: None if value is None else check(value, path, errors)
    return check


def _required(type_: Type) -> Check:
    if type_.minimum is not None or type_.maximum is not None:
        return _bounded(type_)
    match type_.kind:
        case "string":
            return _string(type_)
        case "enum":
            return _enum(type_)
        case "decimal":
            return _decimal(type_)
        case "list":
            return _list(type_)
        case "record":
            record = _record(type_.fields)
            return lambda value, path, errors: record(value, path, errors, False)
    return _SCALARS[type_.kind]


def _bounded(type_: Type) -> Check:
    check_kind = _decimal(type_) if type_.kind == "decimal" else _SCALARS[type_.kind]
    wanted = f"must be {bounds_in_words(type_)}"

    def check(value: Any, path: str, errors: Errors) -> Any:
        before = len(errors)
        checked = check_kind(value, path, errors)
        if len(errors) == before and checked is not None and not type_.within(checked):
            return _fail(errors, path, "out-of-bounds", wanted)
        return checked

    return check


def bounds_in_words(type_: Type) -> str:
    low, high = (None if b is None else format_value(b, type_) for b in (type_.minimum, type_.maximum))
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"from {low} to {high}"


def _string(type_: Type) -> Check:
    longest = type_.max_length

    def check(value: Any, path: str, errors: Errors) -> Any:
        if (
            type(value) is str
            and len(value) <= longest
            and (value.isascii() or _encodable(value))
            and "\0" not in value
        ):
            return value
        if type(value) is not str:
            return _mistyped(value, path, "text", errors)
        if len(value) > longest:
            return _fail(errors, path, "too-long", f"is longer than {longest:,} characters")
        return _fail(errors, path, "bad-text", "holds a character that is not text")

    return check


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _enum(type_: Type) -> Check:
    members = frozenset(type_.members)
    shown = ", ".join(f"`{m}`" for m in type_.members)

    def check(value: Any, path: str, errors: Errors) -> Any:
        if type(value) is str and value in members:
            return value
        if type(value) is not str:
            return _mistyped(value, path, f"one of {shown}", errors)
        hint = did_you_mean(value, members) if len(value) < 100 else None
        near = f"; {hint}" if hint and hint.startswith("did") else f"; it must be one of {shown}"
        return _fail(errors, path, "unknown-value", f"has an unknown value{near}")

    return check


def _list(type_: Type) -> Check:
    assert type_.item is not None
    check_item, longest = _check(type_.item), type_.max_items

    def check(value: Any, path: str, errors: Errors) -> Any:
        if not isinstance(value, list | tuple):
            return _mistyped(value, path, "a list", errors)
        if len(value) > longest:
            return _fail(errors, path, "too-long", f"has more than {longest:,} items")
        return [check_item(item, f"{path}[{index}]", errors) for index, item in enumerate(value)]

    return check


def _bool(value: Any, path: str, errors: Errors) -> Any:
    return value if value is True or value is False else _mistyped(value, path, "true or false", errors)


def _int(value: Any, path: str, errors: Errors) -> Any:
    if type(value) is not int:
        return _mistyped(value, path, "a whole number", errors)
    return value if -MAX_INT <= value <= MAX_INT else _fail(errors, path, "out-of-bounds", "is outside ±2^53")


def _decimal(type_: Type) -> Check:
    scale = type_.scale
    example = f'such as "{format_decimal(125 * 10 ** (scale - 1), scale)}"'
    places = f"at most {scale} decimal place{'' if scale == 1 else 's'}"

    def check(value: Any, path: str, errors: Errors) -> Any:
        if type(value) is not str and not isinstance(value, Decimal):
            hint = f"; write it in quotes, {example}" if isinstance(value, int | float) else f"; {example}"
            return _mistyped(value, path, "a decimal in quotes", errors, hint)
        units = parse_decimal(value if type(value) is str else format(value, "f"), scale)
        if units is None:
            return _fail(errors, path, "bad-decimal", f"is not a number with {places}, {example}")
        if abs(units) > MAX_INT:
            return _fail(errors, path, "out-of-bounds", "is outside ±2^53 of its smallest unit")
        return units

    return check


def _double(value: Any, path: str, errors: Errors) -> Any:
    if type(value) is float:
        if -MAX_DOUBLE <= value <= MAX_DOUBLE:
            return value
        return _fail(errors, path, "out-of-bounds", "is not a finite number within ±1e300")
    if type(value) is int and -MAX_INT <= value <= MAX_INT:
        return float(value)
    return _mistyped(value, path, "a number", errors)


def _timestamp(value: Any, path: str, errors: Errors) -> Any:
    if type(value) is str:
        micros = parse_timestamp(value)
    elif isinstance(value, datetime):
        micros = from_datetime(value)
    else:
        return _mistyped(value, path, "a timestamp", errors)
    if micros is None:
        hint = f"; {why_no_timestamp(value, quote=False)}" if type(value) is str and len(value) < 100 else ""
        return _fail(
            errors, path, "bad-timestamp", f"is not a moment from 1970 to 2200 with its offset{hint}"
        )
    return micros


def _duration(value: Any, path: str, errors: Errors) -> Any:
    if type(value) is str:
        micros = parse_duration(value)
    elif isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
        micros = micros if 0 <= micros <= MAX_DURATION else None
    else:
        return _mistyped(value, path, "a duration", errors)
    if micros is None:
        hint = f"; {why_no_duration(value, quote=False)}" if type(value) is str and len(value) < 100 else ""
        return _fail(errors, path, "bad-duration", f"is not a duration up to 100 years{hint}")
    return micros


_SCALARS: dict[str, Check] = {
    "bool": _bool,
    "int": _int,
    "double": _double,
    "timestamp": _timestamp,
    "duration": _duration,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _mistyped(value: Any, path: str, wanted: str, errors: Errors, hint: str = "") -> None:
    if value is None:
        return _fail(errors, path, "null", "is null")
    if type(value) is str and wanted in ("a number", "a whole number", "true or false"):
        hint = "; write it without quotes"
    elif wanted == "a list":
        hint = "; write the items as `[…]`"
    elif wanted == "text" and isinstance(value, int | float):
        hint = "; write it in quotes"
    return _fail(errors, path, "mistyped", f"must be {wanted}, not {_name(value)}{hint}")


_NAMES = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
}


def _name(value: Any) -> str:
    return _NAMES.get(type(value), "something else")


def _fail(errors: Errors, path: str, code: str, what: str) -> None:
    if len(errors) < MAX_ERRORS:
        errors.append(FactError(path, code, f"the fact `{path}` {what}"))


def _unknown(value: Mapping[Any, Any], known: frozenset[str], path: str, errors: Errors) -> None:
    for name in value:
        if len(errors) >= MAX_ERRORS:
            return
        if name not in known:
            shown = _shown(name)
            hint = did_you_mean(shown, known)
            _fail(errors, _join(path, shown), "unknown", f"is unknown{'; ' + hint if hint else ''}")


def _shown(name: object, most: int = 60) -> str:
    """A name that is safe to print; a key that is not text has none."""
    text = name[:most] if type(name) is str else "(not text)"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
