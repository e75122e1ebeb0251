"""JSON Schemas of policy and case files, for editors, made from the same key tables that the loader reads with.

An editor completes and checks keys with them; what they cannot say, such as types of conditions, is `comity check`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from documents.reader import NAME, RULE_ID
from engine.cases import reader as case_reader
from engine.expression.types import SCALARS
from engine.policy import loader, parameter_reader, rule_reader, type_reader

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_NAMES: Schema = {"pattern": f"^(?:{NAME.pattern})$"}
_CONDITION: Schema = {"type": ["string", "boolean"]}
_VALUE: Schema = {"type": ["string", "boolean", "number"]}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_OBLIGATIONS: Schema = {"type": "array", "items": {"type": "string", **_NAMES}, "uniqueItems": True}
_WORDS: Schema = {"type": "array", "items": _TEXT, "uniqueItems": True}


def _record(keys: Mapping[str, bool], **properties: Schema) -> Schema:
    """A mapping with a closed set of keys; what a key holds is anything unless said."""
    return {
        "type": "object",
        "properties": {key: properties.get(key, {}) for key in keys},
        "required": [key for key, needed in keys.items() if needed],
        "additionalProperties": False,
    }


def _named(values: Schema) -> Schema:
    return {"type": "object", "propertyNames": _NAMES, "additionalProperties": values}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def policy_schema() -> Schema:
    """The schema of one document of a policy file."""
    body = _record(
        loader.KEYS,
        policy={"type": "string", **_NAMES},
        version={"type": "integer", "minimum": 1},
        effective_from=_MOMENT,
        owner=_TEXT,
        summary=_TEXT,
        source=_TEXT,
        facts=_named(_reference("type")),
        parameters=_named(_reference("parameter")),
        conditions=_named(_CONDITION),
        outcomes={**_WORDS, "minItems": 2},
        on_error=_TEXT,
        hit={"enum": ["first", "worst"]},
        obligations=_OBLIGATIONS,
        rules={"type": "array", "items": _reference("rule")},
        otherwise=_reference("otherwise"),
        outputs=_named(_output()),
    )
    definitions = {"type": _type(), "parameter": _parameter(), "rule": _rule(), "otherwise": _otherwise()}
    return {"$schema": _DIALECT, "title": "A policy of Comity", **body, "$defs": definitions}


def _output() -> Schema:
    """One with a `value` has no `default`."""
    keys = _record(loader.OUTPUT_KEYS, type=_reference("type"), value=_CONDITION)
    return {**keys, "not": {"required": ["value", "default"]}}


def _type() -> Schema:
    short = [name + mark for name in SCALARS for mark in ("", "?")]
    keys = {**type_reader.TYPE_KEYS, **type_reader.OPTIONS, **type_reader.BOUNDS, **loader.FACT_KEYS}
    flags = dict.fromkeys(("optional", "private", "show", "fixed"), _FLAG)
    counts = {key: {"type": "integer", "minimum": 1} for key in ("max_length", "max_items")}
    bounds: dict[str, Schema] = {key: {"type": ["number", "string"]} for key in type_reader.BOUNDS}
    items: Schema = {"anyOf": [_reference("type"), _named(_reference("type"))]}
    scalar: Schema = {"enum": short}
    long = _record(
        keys, type=scalar, enum={**_WORDS, "minItems": 1}, list=items, help=_TEXT, **flags, **counts, **bounds
    )
    return {"anyOf": [scalar, {**long, "oneOf": [{"required": [key]} for key in type_reader.TYPE_KEYS]}]}


def _parameter() -> Schema:
    keys = {**type_reader.TYPE_KEYS, **type_reader.OPTIONS, **parameter_reader.SCALAR_KEYS}
    scalar = _record(keys, help=_TEXT, show=_FLAG)
    rows = {"type": "array", "items": {"type": "array"}}
    table = _record(
        parameter_reader.TABLE_KEYS, table=_named(_reference("type")), key=_WORDS, rows=rows, help=_TEXT
    )
    return {"anyOf": [scalar, table]}


def _rule() -> Schema:
    each = {**_named(_TEXT), "minProperties": 1, "maxProperties": 1}
    return _record(
        rule_reader.RULE_KEYS, for_each=each, when=_CONDITION, unless=_CONDITION, source=_TEXT, **_answer()
    )


def _otherwise() -> Schema:
    return _record(rule_reader.OTHERWISE_KEYS, permit_because=_TEXT, **_answer())


def _answer() -> dict[str, Schema]:
    id_: Schema = {"type": "string", "pattern": f"^(?:{RULE_ID.pattern})$", "maxLength": 64}
    return {"id": id_, "then": _TEXT, "set": _named(_VALUE), "message": _TEXT, "obligations": _OBLIGATIONS}


def case_schema() -> Schema:
    """The schema of a case file."""
    expect = _record(case_reader.EXPECT_KEYS, outcome=_TEXT, rule=_TEXT, reason=_TEXT, message=_TEXT)
    facts = _named({})
    case = _record(case_reader.CASE_KEYS, name=_TEXT, at=_MOMENT, facts=facts, without=_WORDS, expect=expect)
    expectations = {"type": "array", "items": {"enum": list(case_reader.EXPECT_KEYS)}}
    rows = {"type": "array", "items": {"type": "array"}}
    table = _record(case_reader.TABLE_KEYS, facts=_WORDS, expect=expectations, rows=rows)
    cases = {"type": "array", "items": case}
    body = _record(case_reader.FILE_KEYS, policy=_TEXT, at=_MOMENT, given=facts, cases=cases, table=table)
    return {"$schema": _DIALECT, "title": "Cases of a policy of Comity", **body}
