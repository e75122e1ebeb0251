"""The facts check as SQL: whether a given value is certainly valid, and its form inside the engine.

Every doubt is answered "no": the engine itself then checks and decides that row, and says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from engine.backends.sql.dialects.dialect import Dialect
from engine.backends.sql.formulas import Above, Equal, Formula, Plain, either, in_sql, negated
from engine.expression.types import MAX_DOUBLE, MAX_DURATION, MAX_INT, MAX_TIMESTAMP, Type

Kind = Literal[
    "text", "cell", "json", "jsonb", "bool", "whole", "float", "exact", "moment", "list", "record", "other"
]


@dataclass(frozen=True, slots=True)
class Given:
    """The form in which a value arrives. A `cell` is text that stands for any value, as in CSV; `json` is JSON text, `jsonb`
    the type of PostgreSQL; an `exact` number has decimal places; a `moment` is a database's moment in UTC; `other` is never
    valid."""

    kind: Kind
    item: Given | None = None
    fields: tuple[tuple[str, Given], ...] = ()
    places: int = 0
    """The decimal places that an exact number may have, if its column says so."""


TEXT = Given("text")
_KEPT = {("text", "string"), ("text", "enum"), ("bool", "bool"), ("float", "double")}
"""Forms of items that are those inside the engine, and with which no calculation fails."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`value` is the form inside the engine; it is only read where `valid` is true, but never fails."""

    value: str
    valid: str
    invalid_items: tuple[Formula, ...] = ()
    """Conditions about an item `x0` of the value, none of which may be true of any."""


def check_fact(sql: Dialect, given: str, form: Given, type_: Type) -> Checked:
    """Check the value of a fact. What a policy asks about the items of a list can then be asked together with the check."""
    if form.kind == "list" and form.item is not None and type_.item is not None:
        conditions = _invalid(sql, "x0", form.item, type_.item)
        if conditions is not None:
            short = f"COALESCE({sql.count(given)} <= {type_.max_items}, FALSE)"
            null = f"{given} IS NULL OR" if type_.optional else f"{given} IS NOT NULL AND"
            return Checked(given, f"({null} {short})", conditions)
    return check(sql, given, form, type_)


def _invalid(sql: Dialect, given: str, form: Given, type_: Type) -> tuple[Formula, ...] | None:
    """When a value is invalid, by conditions; None if it has another form inside the engine, or if calculating with invalid
    ones may fail."""
    conditions = _wrong(sql, given, form, type_)
    if conditions is None:
        return None
    plain = [in_sql(condition) for condition in conditions if isinstance(condition, Plain)]
    others = tuple(condition for condition in conditions if not isinstance(condition, Plain))
    return (Plain(f"({' OR '.join(plain)})"), *others) if plain else others


def _wrong(sql: Dialect, given: str, form: Given, type_: Type) -> list[Formula] | None:
    null: list[Formula] = [] if type_.optional else [Plain(f"({given} IS NULL)")]
    if form.kind == "record" and type_.kind == "record":
        if [name for name, _ in form.fields] != [name for name, _ in type_.fields]:
            return None
        for (name, part), (_, field) in zip(form.fields, type_.fields, strict=True):
            conditions = _wrong(sql, sql.field(given, name, field), part, field)
            if conditions is None:
                return None
            null += conditions
        return null if not type_.optional else None
    if (form.kind, type_.kind) not in _KEPT:
        return None
    if type_.optional:
        return [Plain(f"(NOT {check(sql, given, form, type_).valid})")]
    if type_.kind == "enum":
        return [*null, negated(Equal(given, tuple(map(sql.text, type_.members))))]
    if type_.kind == "double":
        low = max(-MAX_DOUBLE, -MAX_DOUBLE if type_.minimum is None else type_.minimum)
        high = min(MAX_DOUBLE, MAX_DOUBLE if type_.maximum is None else type_.maximum)
        above = negated(Above(given, low, beyond=False, written=sql.double(low)))
        return [*null, either([above, Above(given, high, beyond=True, written=sql.double(high))])]
    return null if type_.kind == "bool" else [*null, Plain(f"(NOT ({sql.fits(given, type_.max_length)}))")]


def check(sql: Dialect, given: str, form: Given, type_: Type, depth: int = 0) -> Checked:
    """Check a value that may be NULL."""
    checked = _present(sql, given, form, type_, depth)
    if type_.optional:
        return Checked(checked.value, f"({given} IS NULL OR COALESCE({checked.valid}, FALSE))")
    return Checked(checked.value, f"({given} IS NOT NULL AND COALESCE({checked.valid}, FALSE))")


def _present(sql: Dialect, given: str, form: Given, type_: Type, depth: int) -> Checked:
    match form.kind:
        case "cell":
            return _cell(sql, given, type_, depth)
        case "json":
            return _json(sql, given, type_, depth)
        case "jsonb":
            return _jsonb(sql, given, type_, depth)
        case "list" if type_.item is not None and form.item is not None:
            return _list(sql, given, form.item, type_, depth)
        case "record" if type_.kind == "record":
            return _record(sql, given, form, type_, depth)
        case "text" if type_.kind in ("string", "enum", "decimal", "timestamp", "duration"):
            return _text(sql, given, type_)
        case "bool" if type_.kind == "bool":
            return Checked(given, "TRUE")
        case "whole" if type_.kind in ("int", "double"):
            return _number(sql, given, type_, MAX_INT)
        case "float" if type_.kind == "double":
            return _number(sql, given, type_, MAX_DOUBLE)
        case "exact" if type_.kind == "decimal" and form.places <= type_.scale:
            return _exact(sql, given, type_)
        case "moment" if type_.kind == "timestamp":
            return _ranged(sql, sql.micros(given), type_, 0, MAX_TIMESTAMP, sql.finite(given))
        case "text" | "bool" | "whole" | "float" | "exact" | "moment" | "list" | "record" | "other":
            return Checked(sql.literal(None, type_), "FALSE")
        case _:
            assert_never(form.kind)


def _number(sql: Dialect, given: str, type_: Type, most: float) -> Checked:
    low, high = -most, most
    if type_.kind == "double":
        bounds = f"{given} BETWEEN {sql.double(low)} AND {sql.double(high)}"
        value = sql.cast(given, sql.types["double"])
        bounds += "".join(
            f" AND {value} {sign} {sql.double(bound)}"
            for sign, bound in ((">=", type_.minimum), ("<=", type_.maximum))
            if bound is not None
        )
        return Checked(f"CASE WHEN {bounds} THEN {value} END", bounds)
    return _ranged(sql, given, type_, int(low), int(high), "TRUE")


def _ranged(sql: Dialect, value: str, type_: Type, low: int, high: int, given: str) -> Checked:
    """A whole number within the bounds of its kind and its declared ones."""
    low = low if type_.minimum is None else max(low, int(type_.minimum))
    high = high if type_.maximum is None else min(high, int(type_.maximum))
    bounds = sql.within(value, low, high, given)
    return Checked(f"CASE WHEN {bounds} THEN {sql.bigint(value)} END", bounds)


def _text(sql: Dialect, given: str, type_: Type) -> Checked:
    if type_.kind == "string":
        return Checked(given, sql.fits(given, type_.max_length))
    if type_.kind == "enum":
        return Checked(given, f"{given} IN ({', '.join(map(sql.text, type_.members))})")
    if type_.kind == "decimal":
        return _decimal(sql, given, type_)
    return _moment(sql, given, type_) if type_.kind == "timestamp" else _duration(sql, given, type_)


def _decimal(sql: Dialect, given: str, type_: Type) -> Checked:
    scale = type_.scale
    shaped = sql.shaped(given, rf"-?[0-9]{{1,16}}([.][0-9]{{1,{scale}}})?")
    digits = f"split_part({given}, '.', 1) || rpad(split_part({given}, '.', 2), {scale}, '0')"
    return _ranged(sql, sql.number(digits, sql.wide_type), type_, -MAX_INT, MAX_INT, shaped)


def _exact(sql: Dialect, given: str, type_: Type) -> Checked:
    units, readable = sql.units(given, type_.scale)
    return _ranged(sql, units, type_, -MAX_INT, MAX_INT, readable)


_DATE = r"[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?"


def _moment(sql: Dialect, given: str, type_: Type) -> Checked:
    """Read the clock without its offset and subtract the offset, so that no zone of the session takes part."""
    shaped = sql.shaped(given, rf"{_DATE}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])")
    clock, readable = sql.read_clock(given)
    hours = sql.number(f"left(right({given}, 5), 2)", "BIGINT")
    minutes = sql.number(f"right({given}, 2)", "BIGINT")
    sign = f"CASE left(right({given}, 6), 1) WHEN '-' THEN -1 ELSE 1 END"
    ahead = f"{sign} * ({hours} * 60 + {minutes}) * {sql.whole(60_000_000)}"
    offset = f"CASE WHEN right({given}, 1) = 'Z' THEN {sql.whole(0)} ELSE {ahead} END"
    if readable != "TRUE":
        shaped = sql.both(shaped, readable)
    return _ranged(sql, f"{clock} - {offset}", type_, 0, MAX_TIMESTAMP, shaped)


def _duration(sql: Dialect, given: str, type_: Type) -> Checked:
    shaped = sql.shaped(given, "[0-9]{1,12}(d|h|m|s|ms)")
    units = (("ms", 1_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000))
    unit = sql.cases(((sql.ends_with(given, sql.text(u)), sql.whole(micros)) for u, micros in units), "NULL")
    value = f"{sql.number(sql.trim_end(given, 'dhms'), sql.wide_type)} * {unit}"
    return _ranged(sql, value, type_, 0, MAX_DURATION, shaped)


def _list(sql: Dialect, given: str, form: Given, type_: Type, depth: int) -> Checked:
    assert type_.item is not None
    item = check(sql, f"i{depth}", form, type_.item, depth + 1)
    invalid = sql.counted(given, f"i{depth}", f"NOT {item.valid}")
    valid = f"{sql.count(given)} <= {type_.max_items} AND {invalid} = 0"
    value = given if item.value == f"i{depth}" else sql.each(given, f"i{depth}", item.value)
    return Checked(f"CASE WHEN {valid} THEN {value} END", valid)


def _record(sql: Dialect, given: str, form: Given, type_: Type, depth: int) -> Checked:
    if {name for name, _ in form.fields} - {name for name, _ in type_.fields}:
        return Checked(sql.literal(None, type_), "FALSE")
    forms, types = dict(form.fields), dict(type_.fields)
    values, tests = [], []
    for name, field in type_.fields:
        if name in forms:
            part = check(sql, sql.field(given, name, types[name]), forms[name], field, depth)
        else:
            part = Checked(sql.literal(None, field), "TRUE" if field.optional else "FALSE")
        values.append((name, part.value))
        tests.append(part.valid)
    same = [name for name, _ in form.fields] == [name for name, _ in type_.fields]
    if same and all(value == sql.field(given, name, types[name]) for name, value in values):
        return Checked(given, " AND ".join(tests))
    return Checked(sql.record(values), " AND ".join(tests))


_WHOLE = "-?(0|[1-9][0-9]{0,17})"
_BOOLS = "('true', 'false')"


def _cell(sql: Dialect, given: str, type_: Type, depth: int) -> Checked:
    """A cell of a CSV file. Lists and records are JSON."""
    match type_.kind:
        case "bool":
            return Checked(f"({given} = 'true')", f"{given} IN {_BOOLS}")
        case "int":
            shaped = sql.shaped(given, _WHOLE)
            return _ranged(sql, sql.number(given, "BIGINT"), type_, -MAX_INT, MAX_INT, shaped)
        case "double":
            shaped = sql.shaped(given, r"-?(0|[1-9][0-9]{0,14})([.][0-9]{1,20})?(e[+-]?[0-9]{1,3})?")
            number = _number(sql, sql.number(given, "DOUBLE"), type_, MAX_DOUBLE)
            return Checked(number.value, f"{shaped} AND {number.valid}")
        case "list" | "record":
            return _nested(sql, given, type_, depth, f"json_valid({given})")
    return _text(sql, given, type_)


def _json(sql: Dialect, given: str, type_: Type, depth: int) -> Checked:
    kind = f"json_type({given})"
    match type_.kind:
        case "bool":
            return Checked(f"({given} = 'true')", f"{given} IN {_BOOLS}")
        case "int":
            shaped = sql.shaped(given, _WHOLE)
            return _ranged(sql, sql.number(given, "BIGINT"), type_, -MAX_INT, MAX_INT, shaped)
        case "double":
            number = _number(sql, sql.number(given, "DOUBLE"), type_, MAX_DOUBLE)
            small = f"{kind} IN ('DOUBLE', 'BIGINT', 'UBIGINT') AND strlen({given}) <= 24"
            # DuckDB calls a whole number that it has no type for a DOUBLE too.
            short = f"(strlen({given}) <= 15 OR contains({given}, '.') OR contains({given}, 'e'))"
            return Checked(number.value, f"{small} AND {short} AND {number.valid}")
        case "list" | "record":
            return _nested(sql, given, type_, depth, "TRUE")
    text = _text(sql, f"json_extract_string({given}, '$')", type_)
    return Checked(text.value, f"{kind} = 'VARCHAR' AND {text.valid}")


def _nested(sql: Dialect, given: str, type_: Type, depth: int, readable: str) -> Checked:
    """Read JSON into the declared shape. Reading drops and converts silently what does not fit, so it counts only if writing the
    result gives the same text."""
    form, shape = _shape(type_)
    read = f"TRY(from_json(CASE WHEN {readable} THEN {given} END, {sql.text(shape)}))"
    checked = _present(sql, read, form, type_, depth)
    same = f"to_json({read})::VARCHAR = CASE WHEN {readable} THEN json({given})::VARCHAR END"
    return Checked(checked.value, f"COALESCE({same}, FALSE) AND {checked.valid}")


def _shape(type_: Type) -> tuple[Given, str]:
    """The form of JSON read as this type, and the structure for `from_json`."""
    if type_.item is not None:
        form, shape = _shape(type_.item)
        return Given("list", item=form), f"[{shape}]"
    if type_.kind == "record":
        parts = [(name, *_shape(field)) for name, field in type_.fields]
        shape = ", ".join(f'"{name}": {shape}' for name, _, shape in parts)
        return Given("record", fields=tuple((name, form) for name, form, _ in parts)), f"{{{shape}}}"
    match type_.kind:
        case "bool":
            return Given("bool"), '"BOOLEAN"'
        case "int":
            return Given("whole"), '"BIGINT"'
        case "double":
            return Given("float"), '"DOUBLE"'
    return TEXT, '"VARCHAR"'


LONGEST_NUMBER = 300
"""Digits of a number that is surely no double so small that PostgreSQL refuses to read it."""


def _jsonb(sql: Dialect, given: str, type_: Type, depth: int) -> Checked:
    """A value inside a jsonb column. What needs no other form inside the engine stays as it is."""
    kind, text = f"jsonb_typeof({given})", f"({given} #>> '{{}}')"
    match type_.kind:
        case "bool":
            valid = f"{kind} = 'boolean'"
            return Checked(f"CASE WHEN {valid} THEN {text}::BOOLEAN END", valid)
        case "int":
            shaped = f"{kind} = 'number' AND {sql.shaped(text, _WHOLE)}"
            return _ranged(sql, sql.number(text, "BIGINT"), type_, -MAX_INT, MAX_INT, shaped)
        case "double":
            short = f"length({text}) <= CASE WHEN strpos({text}, '.') > 0 THEN {LONGEST_NUMBER} ELSE 15 END"
            read = f"CASE WHEN {kind} = 'number' AND {short} THEN {sql.cast(text, sql.types['double'])} END"
            return _number(sql, read, type_, MAX_DOUBLE)
        case "list":
            return _jsonb_list(sql, given, type_, depth)
        case "record":
            return _jsonb_record(sql, given, type_, depth)
    checked = _text(sql, text, type_)
    return Checked(checked.value, f"{kind} = 'string' AND {checked.valid}")


def _jsonb_list(sql: Dialect, given: str, type_: Type, depth: int) -> Checked:
    assert type_.item is not None
    variable = f"i{depth}"
    item = check(sql, f"NULLIF({variable}.v, 'null'::jsonb)", Given("jsonb"), type_.item, depth + 1)
    invalid = sql.counted(given, variable, f"NOT {item.valid}")
    valid = sql.both(
        f"jsonb_typeof({given}) = 'array'", f"{sql.count(given)} <= {type_.max_items} AND {invalid} = 0"
    )
    value = sql.each(given, variable, item.value) if _has_other_form(type_.item) else given
    return Checked(f"CASE WHEN {valid} THEN {value} END", valid)


def _jsonb_record(sql: Dialect, given: str, type_: Type, depth: int) -> Checked:
    names = ", ".join(sql.text(name) for name, _ in type_.fields)
    parts = [
        (
            name,
            check(sql, f"NULLIF({given} -> {sql.text(name)}, 'null'::jsonb)", Given("jsonb"), field, depth),
        )
        for name, field in type_.fields
    ]
    tests = [f"({given} - ARRAY[{names}]::TEXT[]) = '{{}}'::jsonb", *(part.valid for _, part in parts)]
    valid = sql.both(f"jsonb_typeof({given}) = 'object'", " AND ".join(tests))
    value = sql.record([(name, part.value) for name, part in parts]) if _has_other_form(type_) else given
    return Checked(f"CASE WHEN {valid} THEN {value} END", valid)


def _has_other_form(type_: Type) -> bool:
    """Whether values have another form in JSON than inside the engine."""
    if type_.item is not None:
        return _has_other_form(type_.item)
    if type_.kind == "record":
        return any(_has_other_form(field) for _, field in type_.fields)
    return type_.kind in ("timestamp", "duration", "decimal")
