"""The facts check with pydantic-core, which pydantic's models and adapters call: as strict as Comity's, and never stricter.

The result is the same, with timestamps as numbers, since rules compute with them. Text may contain NUL, to pydantic's
advantage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core import core_schema as core

from engine.expression.quantity import from_datetime
from engine.expression.types import MAX_DOUBLE, MAX_INT, Type
from engine.policy.model import Fact


def pydantic_check(facts: Mapping[str, Fact]) -> Callable[[Any], Any]:
    """A function that returns the facts as a new dictionary, or raises; a model object would take longer to create."""
    return SchemaValidator(_record((name, fact.type) for name, fact in facts.items())).validate_python


def _record(fields: Iterable[tuple[str, Type]]) -> core.CoreSchema:
    declared = {
        name: core.typed_dict_field(_schema(type_), required=not type_.optional) for name, type_ in fields
    }
    return core.typed_dict_schema(declared, extra_behavior="forbid", strict=True)


def _schema(type_: Type) -> core.CoreSchema:
    return core.nullable_schema(_required(type_)) if type_.optional else _required(type_)


def _required(type_: Type) -> core.CoreSchema:
    match type_.kind:
        case "bool":
            return core.bool_schema(strict=True)
        case "int":
            return core.int_schema(strict=True, ge=-MAX_INT, le=MAX_INT)
        case "double":
            return core.float_schema(strict=True, allow_inf_nan=False, ge=-MAX_DOUBLE, le=MAX_DOUBLE)
        case "string":
            return core.str_schema(strict=True, max_length=type_.max_length)
        case "enum":
            return core.literal_schema(list(type_.members))
        case "timestamp":
            moment = core.datetime_schema(strict=True, tz_constraint="aware")
            return core.no_info_after_validator_function(_micros, moment)
        case "list":
            assert type_.item is not None
            return core.list_schema(_schema(type_.item), strict=True, max_length=type_.max_items)
        case "record":
            return _record(type_.fields)
    raise ValueError(f"no policy of the benchmarks has a fact of kind `{type_.kind}`")


def _micros(moment: datetime) -> int:
    micros = from_datetime(moment)
    if micros is None:
        raise ValueError("a moment from 1970 to 2200 is needed")
    return micros
