"""Generate types of facts, as declared in YAML, and valid values."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.expression.quantity import format_decimal, format_timestamp, from_datetime
from engine.expression.types import MAX_ITEMS, Type

Facts = Mapping[str, Any]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = [NOW + timedelta(days=days, microseconds=days) for days in (-400, -90, -1, 0, 1, 90)]
SPANS = {
    "0s": 0,
    "250ms": 250_000,
    "15m": 900_000_000,
    "36h": 129_600_000_000,
    "1d": 86_400_000_000,
    "90d": 7_776_000_000_000,
}
TEXTS = ["", "a", "b", "ab", " A b ", "\N{LATIN SMALL LETTER E WITH ACUTE}\N{GRINNING FACE}", 'q"\\']
WHOLE = [-(2**53), -1, 0, 1, 2, 3, 2**53]
BROKEN = [-1.5, -0.0, 0.0, 0.5, 1.0, 1e300]
MEMBERS = [("open", "closed"), ("seller", "buyer", "agent")]
POOLS: dict[str, list[Any]] = {
    "int": WHOLE,
    "double": BROKEN,
    "duration": list(SPANS.values()),
    "timestamp": [micros for moment in MOMENTS if (micros := from_datetime(moment)) is not None],
}
PLAIN = ("bool", "int", "double", "string", "enum", "timestamp", "duration")


def a_plain_type(chance: random.Random, *, optional: bool = False) -> Type:
    kind = chance.choice(PLAIN)
    members = chance.choice(MEMBERS) if kind == "enum" else ()
    return Type(kind, members=members, optional=optional and chance.random() < 0.4)  # type: ignore[arg-type]


def a_fact_value_type(chance: random.Random) -> Type:
    """A plain type for a fact, sometimes with bounds."""
    type_ = a_plain_type(chance, optional=True)
    pool = POOLS.get(type_.kind)
    if pool is None or chance.random() < 0.6:
        return type_
    low, high = sorted(chance.choices(pool, k=2))
    return replace(type_, minimum=low, maximum=high if chance.random() < 0.7 else None)


def a_fact_type(chance: random.Random, depth: int = 0) -> Type:
    """Lists nest at most twice. Items are plain values or records, whose fields may be optional."""
    if depth > 1 or chance.random() < 0.55:
        return a_fact_value_type(chance)
    optional = chance.random() < 0.15
    if chance.random() < 0.4:
        return Type("list", item=a_plain_type(chance, optional=depth == 0), optional=optional)
    fields = tuple((f"f{n}", a_fact_type(chance, depth + 1)) for n in range(chance.randrange(1, 4)))
    return Type("list", item=Type("record", fields=fields), optional=optional)


def a_record_type(chance: random.Random) -> Type:
    """A fact that is a single record, of plain fields and lists."""
    fields = tuple((f"f{n}", a_fact_type(chance, 1)) for n in range(chance.randrange(1, 4)))
    return Type("record", fields=fields)


def readable(facts: Mapping[str, Type]) -> dict[str, Type]:
    """The names that conditions can use: facts, and the fields of records."""
    types: dict[str, Type] = {}
    for name, type_ in facts.items():
        types |= {f"{name}.{field}": t for field, t in type_.fields} if type_.fields else {name: type_}
    return types


def declared(type_: Type) -> Any:
    """A type as declared in a policy, in the short form if possible."""
    if type_.kind == "enum":
        return {"enum": list(type_.members), **({"optional": True} if type_.optional else {})}
    if type_.kind == "record":
        return {name: declared(field) for name, field in type_.fields}
    if type_.item is not None:
        most = {} if type_.max_items == MAX_ITEMS else {"max_items": type_.max_items}
        return {"list": declared(type_.item), **most, **({"optional": True} if type_.optional else {})}
    if type_.kind == "decimal":
        ends = (("min", type_.minimum), ("max", type_.maximum))
        written_ends = {
            key: format_decimal(int(value), type_.scale) for key, value in ends if value is not None
        }
        return {"decimal": type_.scale, **written_ends}
    bounds = (("min", type_.minimum), ("max", type_.maximum))
    written_bounds = {key: written_number(value, type_.kind) for key, value in bounds if value is not None}
    if written_bounds:
        return {"type": type_.kind + ("?" if type_.optional else ""), **written_bounds}
    return type_.kind + ("?" if type_.optional else "")


def written_number(value: float, kind: str) -> Any:
    if kind == "duration":
        return next(text for text, micros in SPANS.items() if micros == value)
    return format_timestamp(int(value)) if kind == "timestamp" else value


def a_value(chance: random.Random, type_: Type) -> Any:
    """A value as passed by a caller."""
    if type_.optional and chance.random() < 0.4:
        return None
    if type_.kind == "decimal":
        low, high = int(type_.minimum or 0), int(type_.maximum or 0)
        return format_decimal(chance.choice((low, high, chance.randint(low, high))), type_.scale)
    if (type_.minimum is not None or type_.maximum is not None) and type_.kind == "int":
        values = [v for v in WHOLE if type_.within(v)]
        return chance.choice([*values, int(type_.minimum or 0)])
    if type_.minimum is not None or type_.maximum is not None:
        value = chance.choice([v for v in POOLS[type_.kind] if type_.within(v)])
        if type_.kind == "duration":
            return timedelta(microseconds=value)
        return format_timestamp(value) if type_.kind == "timestamp" else value
    match type_.kind:
        case "bool":
            return chance.random() < 0.5
        case "int":
            return chance.choice(WHOLE)
        case "double":
            return chance.choice([*BROKEN, 1, 0])
        case "string":
            return chance.choice(TEXTS)
        case "enum":
            return chance.choice(type_.members)
        case "timestamp":
            moment = chance.choice(MOMENTS)
            return moment if chance.random() < 0.5 else moment.isoformat()
        case "duration":
            text = chance.choice(list(SPANS))
            return text if chance.random() < 0.5 else timedelta(microseconds=SPANS[text])
        case "record":
            return some_facts(chance, dict(type_.fields))
    assert type_.item is not None
    return [a_value(chance, type_.item) for _ in range(chance.choice((0, 1, 1, 2, 3)))]


def some_facts(chance: random.Random, types: Mapping[str, Type]) -> dict[str, Any]:
    """Valid facts. Optional ones are null, absent or present."""
    facts = {name: a_value(chance, type_) for name, type_ in types.items()}
    absent = [name for name, value in facts.items() if value is None and chance.random() < 0.5]
    return {name: value for name, value in facts.items() if name not in absent}


def written(chance: random.Random, type_: Type) -> Any:
    """A value as written in YAML, in a parameter or a table."""
    value = a_value(chance, type_)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return next(text for text, micros in SPANS.items() if micros == value // timedelta(microseconds=1))
    return float(value) if type_.kind == "double" else value
