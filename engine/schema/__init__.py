"""JSON Schemas of policy and case files, for editors, built from the same key tables that the loader uses.

With them, editors complete and describe keys, and underline many of the problems that `comity check` reports. The schema of case
files knows the facts, outcomes and rules of the given policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from engine.bundle import Bundle, Versions
from engine.cases import case as case_file
from engine.decision import ON_ERROR
from engine.expression.types import MAX_INT, MAX_PLACES, SCALARS, Type
from engine.policy import loader, parameter_reader, rule_reader, type_reader
from engine.policy.bounds_reader import BOUNDS
from engine.policy.model import OBLIGATIONS, Hit, Status
from engine.schema import patterns
from engine.schema.descriptions import DESCRIPTIONS

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_NAMES: Schema = {"pattern": patterns.NAMES}
_CONDITION: Schema = {"type": ["string", "boolean"], "pattern": patterns.CONDITION}
_EXPRESSION: Schema = {"type": ["string", "boolean", "number", "null"]}
_MOMENT: Schema = {"type": "string", "pattern": patterns.MOMENT}
_DURATION: Schema = {"type": "string", "pattern": patterns.DURATION}
_INTEGER: Schema = {"type": "integer", "minimum": -MAX_INT, "maximum": MAX_INT}
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_STATUS: Schema = {"enum": list(get_args(Status))}
_OBLIGATIONS: Schema = {"type": "array", "items": {"type": "string", **_NAMES}, "uniqueItems": True}
_WORDS: Schema = {"type": "array", "items": _TEXT, "uniqueItems": True}
_DECIMAL: Schema = {"type": ["number", "string"], "pattern": patterns.DECIMAL}
_VALUES: Mapping[str, Schema] = {
    "bool": _FLAG,
    "int": _INTEGER,
    "decimal": _DECIMAL,
    "double": {"type": "number"},
    "string": _TEXT,
    "timestamp": _MOMENT,
    "duration": _DURATION,
}
"""The JSON form of the values of each plain type."""
_MOST_COLUMNS = 16


def _record(keys: Mapping[str, bool], **properties: Schema) -> Schema:
    """A mapping with a closed set of keys. Without its own schema, a key can have any value."""
    return {
        "type": "object",
        "properties": {key: {**properties.get(key, {}), **_described(key)} for key in keys},
        "required": [key for key, needed in keys.items() if needed],
        "additionalProperties": False,
    }


def _described(key: str) -> Schema:
    return {"description": DESCRIPTIONS[key]}


def _named(values: Schema) -> Schema:
    return {"type": "object", "propertyNames": _NAMES, "additionalProperties": values}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _where(key: str, value: Schema, then: Schema) -> Schema:
    """Apply `then` if the key has the given value."""
    return {"if": {"properties": {key: value}, "required": [key]}, "then": then}


def policy_schema() -> Schema:
    """The schema of one document of a policy file."""
    body = _record(
        loader.KEYS,
        policy={"type": "string", **_NAMES},
        version=_NUMBER,
        revision=_NUMBER,
        effective_from=_MOMENT,
        effective_until=_MOMENT,
        withdrawn=_TEXT,
        gap_because=_TEXT,
        in_force_by={"type": "string", **_NAMES},
        owner=_TEXT,
        summary=_TEXT,
        source=_TEXT,
        facts=_named(_reference("type")),
        parameters=_named(_reference("parameter")),
        values=_named(_EXPRESSION),
        conditions=_named(_CONDITION),
        outcomes={**_WORDS, "minItems": 2},
        on_error=_TEXT,
        hit={"enum": list(get_args(Hit))},
        obligations=_OBLIGATIONS,
        rules={"type": "array", "items": _reference("rule")},
        otherwise=_reference("otherwise"),
        outputs=_named(_output()),
    )
    definitions = {"type": _type(), "parameter": _parameter(), "rule": _rule(), "otherwise": _otherwise()}
    undeclared = {"properties": {"obligations": {"items": {"enum": list(OBLIGATIONS)}}}}
    given = {"properties": {"rules": {"items": undeclared}, "otherwise": undeclared}}
    return {
        "$schema": _DIALECT,
        "title": "A policy of Comity",
        **body,
        "if": {"not": {"required": ["obligations"]}},
        "then": given,
        "$defs": definitions,
    }


def _output() -> Schema:
    """The schema of an output. One with a `value` has no `default`."""
    keys = _record(loader.OUTPUT_KEYS, type=_reference("type"), value=_CONDITION)
    return {**keys, "not": {"required": ["value", "default"]}}


def _type() -> Schema:
    short = [name + mark for name in SCALARS for mark in ("", "?")]
    kinds = {**type_reader.TYPE_KEYS, **type_reader.RECORD_KEY}
    keys = {**kinds, **type_reader.OPTIONS, **BOUNDS, **loader.FACT_KEYS}
    flags = dict.fromkeys(("optional", "private", "show", "fixed"), _FLAG)
    counts = {key: {"type": "integer", "minimum": 1} for key in ("max_length", "max_items")}
    places: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_PLACES}
    bounds: dict[str, Schema] = {key: {"type": ["number", "string"]} for key in BOUNDS}
    items: Schema = {"anyOf": [_reference("type"), _named(_reference("type"))]}
    scalar: Schema = {"enum": short}
    long = _record(
        keys,
        type=scalar,
        enum={**_WORDS, "minItems": 1},
        list=items,
        decimal=places,
        record={**_named(_reference("type")), "minProperties": 1},
        help=_TEXT,
        **flags,
        **counts,
        **bounds,
    )
    return {"anyOf": [scalar, {**long, "oneOf": [{"required": [key]} for key in kinds]}]}


def _parameter() -> Schema:
    keys = {**type_reader.TYPE_KEYS, **type_reader.OPTIONS, **parameter_reader.SCALAR_KEYS}
    places: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_PLACES}
    scalar = _record(keys, type={"enum": list(SCALARS)}, decimal=places, help=_TEXT, show=_FLAG)
    values = [
        _where("type", {"const": kind}, {"properties": dict.fromkeys(("value", "min", "max"), shape)})
        for kind, shape in _VALUES.items()
    ]
    exact = {"properties": dict.fromkeys(("value", "min", "max"), _DECIMAL)}
    values.append({"if": {"required": ["decimal"]}, "then": exact})
    nothing = {"pattern": patterns.NO_TIME}
    values.append(_where("max", {"type": "string", **nothing}, {"properties": {"min": nothing}}))
    values.append({"if": {"required": ["list"]}, "then": {"properties": {"value": {"type": "array"}}}})
    cell: Schema = {"type": ["string", "number", "boolean"]}
    rows = {"type": "array", "items": {"type": "array", "items": cell}}
    table = _record(
        parameter_reader.TABLE_KEYS, table=_named(_reference("type")), key=_WORDS, rows=rows, help=_TEXT
    )
    lengths = [_length(count) for count in range(1, _MOST_COLUMNS + 1)]
    return {
        "if": {"required": ["table"]},
        "then": {**table, "allOf": lengths},
        "else": {**scalar, "allOf": values},
    }


def _length(count: int) -> Schema:
    """Require each row to have as many values as the table has columns."""
    columns = {"minProperties": count, "maxProperties": count}
    return _where(
        "table", columns, {"properties": {"rows": {"items": {"minItems": count, "maxItems": count}}}}
    )


def _rule() -> Schema:
    each = {**_named(_TEXT), "minProperties": 1, "maxProperties": 1}
    return _record(
        rule_reader.RULE_KEYS, for_each=each, when=_CONDITION, unless=_CONDITION, source=_TEXT, **_answer()
    )


def _otherwise() -> Schema:
    return _record(rule_reader.OTHERWISE_KEYS, permit_because=_TEXT, **_answer())


def _answer() -> dict[str, Schema]:
    id_: Schema = {"type": "string", "pattern": patterns.RULE_IDS, "maxLength": 64}
    message: Schema = {"type": "string", "pattern": patterns.MESSAGE}
    return {
        "id": id_,
        "then": _TEXT,
        "status": _STATUS,
        "set": _named(_EXPRESSION),
        "message": message,
        "obligations": _OBLIGATIONS,
    }


def case_schema(bundle: Bundle | None = None) -> Schema:
    """The schema of a case file. With a bundle, it knows the bundle's policies."""
    expect = _record(
        case_file.EXPECT_KEYS,
        outcome=_TEXT,
        rule=_TEXT,
        reason=_TEXT,
        version=_NUMBER,
        status=_STATUS,
        message=_TEXT,
    )
    facts = _named({})
    case = _record(case_file.CASE_KEYS, name=_TEXT, at=_MOMENT, facts=facts, without=_WORDS, expect=expect)
    expectations = {"type": "array", "items": {"enum": list(case_file.EXPECT_KEYS)}}
    rows = {"type": "array", "items": {"type": ["array", "object"]}}
    table = _record(case_file.TABLE_KEYS, facts=_WORDS, expect=expectations, rows=rows)
    cases = {"type": "array", "items": case}
    policies = bundle.policies if bundle is not None else {}
    policy = {"enum": sorted(policies)} if policies else _TEXT
    body = _record(case_file.FILE_KEYS, policy=policy, at=_MOMENT, given=facts, cases=cases, table=table)
    known = [_where("policy", {"const": name}, _of(policies[name])) for name in sorted(policies)]
    return {
        "$schema": _DIALECT,
        "title": "Cases of a policy of Comity",
        **body,
        "anyOf": [{"required": ["cases"]}, {"required": ["table"]}],
        **({"allOf": known} if known else {}),
    }


def _of(versions: Versions) -> Schema:
    """The schema of a policy's cases. A case that expects `on-error` may give invalid facts."""
    policies = [version.validated.policy for version in versions.all]
    facts = _any_of((name, fact.type) for policy in policies for name, fact in policy.facts.items())
    settings = _any_of((n, p.type) for policy in policies for n, p in policy.parameters.items())
    outputs = _any_of((name, o.type) for policy in policies for name, o in policy.outputs.items())
    expect = {
        "properties": {
            "outcome": {"enum": sorted({o for policy in policies for o in policy.outcomes})},
            "rule": _rules(versions),
            "outputs": {"propertyNames": _one_of(outputs)},
        }
    }
    wrong = {"properties": {"expect": {"properties": {"rule": {"const": ON_ERROR}}, "required": ["rule"]}}}
    given: Schema = {"properties": facts, "propertyNames": _one_of(facts)}
    known: Schema = {"properties": settings, "propertyNames": _one_of(settings)}
    return {
        "properties": {
            "given": given,
            "with": known,
            "cases": {
                "items": {
                    "properties": {"with": known, "expect": expect},
                    "if": {"required": ["expect"], **wrong},
                    "else": {"properties": {"facts": given}},
                }
            },
            "table": {"properties": {"facts": {"items": _one_of(facts)}}},
        }
    }


def _one_of(names: Iterable[str]) -> Schema:
    """Some validators reject an empty `enum`."""
    return {"enum": sorted(names)} if names else {"not": {}}


def _rules(versions: Versions) -> Schema:
    """The rule ids; those of a table rule have the key of a row appended."""
    rules = [rule for version in versions.all for rule in version.validated.policy.rules]
    others = [version.validated.policy.otherwise.id for version in versions.all]
    ids = {rule.id for rule in rules if rule.for_each is None} | {*others, ON_ERROR}
    of_rows = [{"pattern": rf"^{id_}\["} for id_ in sorted({r.id for r in rules if r.for_each is not None})]
    return {"type": "string", "anyOf": [{"enum": sorted(ids)}, *of_rows]}


def _any_of(named: Iterable[tuple[str, Type]]) -> dict[str, Schema]:
    """The values that each name can have in any version."""
    by_name: dict[str, list[Schema]] = {}
    for name, type_ in named:
        shape = _value(type_)
        if shape not in by_name.setdefault(name, []):
            by_name[name].append(shape)
    return {name: shapes[0] if len(shapes) == 1 else {"anyOf": shapes} for name, shapes in by_name.items()}


def _value(type_: Type) -> Schema:
    shape: Schema
    if type_.kind == "enum":
        shape = {"enum": list(type_.members)}
    elif type_.item is not None and type_.item.kind == "record":
        shape = {"type": "array"}
    elif type_.item is not None:
        shape = {"type": "array", "items": _value(type_.item)}
    elif type_.kind == "record":
        shape = {"type": "object", "propertyNames": {"enum": [name for name, _ in type_.fields]}}
    else:
        shape = _VALUES.get(type_.kind, {})
    return {"anyOf": [shape, {"type": "null"}]} if type_.optional else shape
