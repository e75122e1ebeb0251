"""Generate random whole policies, as YAML texts that must load."""

import json
import random
from dataclasses import dataclass, replace
from typing import Any

from engine.expression.types import ORDERED, Type, unbounded
from engine.policy.model import OBLIGATIONS
from tests.engine.generated.arithmetic import AMOUNTS, Arithmetic
from tests.engine.generated.expressions import MAX_LOOPS, Named, Names, Shape, Writer
from tests.engine.generated.values import (
    a_fact_type,
    a_plain_type,
    a_record_type,
    declared,
    readable,
    written,
)

OUTCOMES = ["allow", "flag", "block"]
DEPTH = 3


@dataclass(frozen=True)
class Generated:
    text: str
    facts: dict[str, Type]


def a_policy(chance: random.Random) -> Generated:
    facts = {f"fact{n}": a_fact_type(chance) for n in range(chance.randrange(1, 7))} | {"sure": Type("bool")}
    facts |= {"rec": a_record_type(chance)} if chance.random() < 0.4 else {}
    facts |= AMOUNTS if chance.random() < 0.3 else {}
    parameters, tables = some_parameters(chance)
    scalars = {name: type_ for name, (type_, _) in parameters.items()}
    names = Names({**readable(facts), **scalars}, tables=some_shapes(chance, tables))
    values, names = some_values(chance, names)
    conditions, names = some_conditions(chance, names)
    policy: dict[str, Any] = {
        "policy": "generated",
        "version": 1,
        "effective_from": "2020-01-01T00:00:00Z",
        "facts": {name: fact(chance, type_) for name, type_ in facts.items()},
        "parameters": {name: value for name, (_, value) in parameters.items()} | tables,
        "values": values,
        "conditions": conditions,
        "outcomes": OUTCOMES,
        "on_error": chance.choice(OUTCOMES[1:]),
        "hit": chance.choice(("first", "worst", "unique")),
        "rules": [a_rule(chance, names, tables, number) for number in range(chance.randrange(1, 6))],
        "otherwise": otherwise(chance),
        "outputs": some_outputs(chance, names),
    }
    if "amt" in facts:
        add_amounts(chance, policy)
    if chance.random() < 0.7:
        add_set_outputs(chance, policy, names, tables)
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in policy.items())
    return Generated("".join(lines).replace("1e+300", "1.0e+300"), facts)


def some_shapes(chance: random.Random, tables: dict[str, Any]) -> dict[str, Shape]:
    """Tables for row look-ups, with the types of their columns."""
    chosen = {name: table for name, table in tables.items() if chance.random() < 0.5}
    types = {
        name: {n.partition(".")[2]: t for n, t in row_of(table).items()} for name, table in chosen.items()
    }
    keys = {name: tuple(column for column in types[name] if column in chosen[name]["key"]) for name in chosen}
    return {name: (keys[name], types[name]) for name in chosen}


def add_amounts(chance: random.Random, policy: dict[str, Any]) -> None:
    """Add exactly computed outputs and values, and sometimes a rule that uses one."""
    for number in range(chance.randrange(1, 4)):
        exact = Arithmetic(chance).rounded(2, chance.choice((0, 2, 4)))
        policy["outputs"][f"amount{number}"] = {"type": declared(exact.type), "value": exact.text}
    exact, other = (Arithmetic(chance).rounded(2, 2) for _ in range(2))
    policy["values"]["due"] = exact.text
    policy["outputs"]["due"] = {"type": declared(exact.type), "value": "due"}
    if chance.random() < 0.3:
        rule, sign = chance.choice(policy["rules"]), chance.choice(("<", "<=", ">", ">=", "==", "!="))
        rule["when"] = f"({rule['when']}) && due {sign} {chance.choice((other.text, '12.50', '0'))}"


def fact(chance: random.Random, type_: Type) -> Any:
    shown = {"record": declared(type_)} if type_.kind == "record" else declared(type_)
    if type_.kind == "list" or chance.random() < 0.5:
        return shown
    return {**(shown if isinstance(shown, dict) else {"type": shown}), "show": True}


def some_parameters(chance: random.Random) -> tuple[dict[str, tuple[Type, Any]], dict[str, Any]]:
    """Plain parameters and lists with their types, and tables."""
    parameters: dict[str, tuple[Type, Any]] = {}
    for number in range(chance.randrange(3)):
        type_ = a_plain_type(chance)
        shown = declared(type_)
        long = shown if isinstance(shown, dict) else {"type": shown}
        parameters[f"knob{number}"] = type_, {**long, "value": written(chance, type_), "show": True}
    item = a_plain_type(chance)
    values = [written(chance, item) for _ in range(chance.randrange(4))]
    parameters["words"] = Type("list", item=item), {"list": declared(item), "value": values}
    tables = {f"table{number}": a_table(chance) for number in range(chance.randrange(3))}
    return parameters, tables


def a_table(chance: random.Random) -> dict[str, Any]:
    columns = {f"col{n}": a_plain_type(chance) for n in range(chance.randrange(1, 4))}
    rows = [[written(chance, type_) for type_ in columns.values()] for _ in range(chance.randrange(5))]
    key = chance.sample(list(columns), chance.randrange(1, len(columns) + 1))
    return {"table": {name: declared(type_) for name, type_ in columns.items()}, "key": key, "rows": rows}


def some_values(chance: random.Random, names: Names) -> tuple[dict[str, str], Names]:
    """Named values, some of them optional; each can use those before it. They have few sums and search no lists.

    Some are rows whose fields are read.
    """
    values: dict[str, str] = {}
    plain = replace(names, loops=MAX_LOOPS)
    for number in range(chance.randrange(3)):
        kind = chance.choice(("int", "double", "string", "timestamp", "duration"))
        text, type_ = Writer(chance).value(kind, plain, 1), Type(kind)
        lists = [
            t for t in names.lists() if (i := names.readable[t].item) and i.kind == kind and not i.optional
        ]
        if lists and kind in ORDERED and chance.random() < 0.7:
            text, type_ = (
                f"{chance.choice(('min', 'max'))}({chance.choice(lists)})",
                Type(kind, optional=True),
            )
        elif chance.random() < 0.3:
            text, type_ = f"sure ? {text} : null", Type(kind, optional=True)
        values[f"val{number}"] = text
        names = replace(names, values={**names.values, f"val{number}": type_})
    for table in names.tables:
        if chance.random() < 0.5:
            values[f"found_{table}"] = Writer(chance).look_up(table, plain)
            names = replace(names, rows={**names.rows, f"found_{table}": names.tables[table][1]})
    return dict(chance.sample(list(values.items()), len(values))), names


def some_conditions(chance: random.Random, names: Names) -> tuple[dict[str, str], Names]:
    """Conditions in random order: a condition can use those declared after it."""
    conditions: dict[str, str] = {}
    for number in range(chance.randrange(5)):
        writer = Writer(chance)
        text, proves = writer.condition(names, DEPTH), frozenset[str]()
        if names.optional() and chance.random() < 0.3:
            there = chance.choice(names.optional())
            text, proves = f"{there} != null && {text}", frozenset([there])
        conditions[f"cond{number}"] = text
        named = Named(writer.deepest, proves)
        names = replace(names, conditions={**names.conditions, f"cond{number}": named})
    return dict(chance.sample(list(conditions.items()), len(conditions))), names


def a_rule(chance: random.Random, names: Names, tables: dict[str, Any], number: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": f"rule-{number}", "then": chance.choice(OUTCOMES)}
    if tables and chance.random() < 0.5:
        name = chance.choice(list(tables))
        rule["for_each"] = {"row": name}
        names = replace(names, readable={**names.readable, **row_of(tables[name])})
    writer = Writer(chance)
    parts = [writer.condition(names, DEPTH)]
    parts += key_tests(chance, names)
    if rule["then"] == OUTCOMES[0]:
        parts.append("sure")
    rule["when"] = " && ".join(chance.sample(parts, len(parts)))
    if chance.random() < 0.4:
        rule["unless"] = writer.condition(names, DEPTH - 1)
    if chance.random() < 0.5:
        rule["obligations"] = chance.sample(OBLIGATIONS, chance.randrange(3))
    return rule | a_status(chance, rule["then"])


def a_status(chance: random.Random, then: str) -> dict[str, str]:
    """Sometimes a status; only a refusal may have one."""
    refused = then != OUTCOMES[0] and chance.random() < 0.3
    return {"status": chance.choice(("conflict", "forbidden"))} if refused else {}


def add_set_outputs(
    chance: random.Random, policy: dict[str, Any], names: Names, tables: dict[str, Any]
) -> None:
    """Outputs set by rules: each has a default, is optional, or is set by every rule."""
    for number in range(chance.randrange(1, 3)):
        type_ = a_plain_type(chance, optional=True)
        while type_.kind in ("bool", "enum"):
            type_ = a_plain_type(chance, optional=True)
        name, declaration = f"set{number}", {"type": declared(type_)}
        always = not type_.optional and chance.random() < 0.3
        if not type_.optional and not always:
            declaration["default"] = written(chance, type_)
        policy["outputs"][name] = declaration
        for part in [*policy["rules"], policy["otherwise"]]:
            if always or chance.random() < 0.5:
                readable = dict(names.readable)
                if "for_each" in part:
                    readable |= row_of(tables[part["for_each"]["row"]])
                value = Writer(chance).value(type_.kind, replace(names, readable=readable), DEPTH - 1)
                part.setdefault("set", {})[name] = value


def row_of(table: dict[str, Any]) -> dict[str, Type]:
    return {
        f"row.{name}": Type("enum", members=tuple(shown["enum"])) if isinstance(shown, dict) else Type(shown)
        for name, shown in table["table"].items()
    }


def key_tests(chance: random.Random, names: Names) -> list[str]:
    """Tests that a table's index can answer, and some that only look like such tests."""
    columns = {text: type_ for text, type_ in names.readable.items() if text.startswith("row.")}
    pairs = [
        (column, text)
        for column, type_ in columns.items()
        for text in names.of(type_.kind)
        if text != column and names.readable[text].members == type_.members
    ]
    chosen = chance.sample(pairs, min(len(pairs), chance.randrange(3)))
    signs = (chance.choice(("==", "==", "==", "!=")) for _ in chosen)
    return [f" {sign} ".join(chance.sample(pair, 2)) for sign, pair in zip(signs, chosen, strict=True)]


def otherwise(chance: random.Random) -> dict[str, Any]:
    then = chance.choice(OUTCOMES)
    because = {"permit_because": "the generator says so"} if then == OUTCOMES[0] else {}
    obligations = chance.sample(OBLIGATIONS, 1)
    return {
        "id": "none-applies",
        "then": then,
        **because,
        "obligations": obligations,
        **a_status(chance, then),
    }


def some_outputs(chance: random.Random, names: Names) -> dict[str, Any]:
    """Outputs of plain types, optional ones, and filtered and mapped lists."""
    outputs: dict[str, Any] = {}
    outputs["holds"] = {"type": "bool", "value": Writer(chance).condition(names, 1)}
    for number, kind in enumerate(chance.sample(("int", "double", "string", "timestamp", "duration"), 2)):
        outputs[f"out{number}"] = {"type": kind, "value": Writer(chance).value(kind, names, DEPTH - 1)}
    for text in chance.sample(names.optional(), min(1, len(names.optional()))):
        outputs["maybe"] = {
            "type": declared(unbounded(names.readable[text])),
            "value": f"sure ? {text} : null",
        }
    for name, type_ in list(names.values.items())[:1]:
        outputs["named"] = {"type": declared(type_), "value": name}
    lists = [t for t in names.lists() if names.readable[t].item]
    for text in chance.sample(lists, min(1, len(lists))):
        item = names.readable[text].item
        assert item is not None
        if item.kind != "record" and not item.optional:
            condition = Writer(chance).condition(names.binding("kept", item), 1)
            value = f"{text}.filter(kept, {condition})"
            outputs["some"] = {"type": declared(Type("list", item=unbounded(item))), "value": value}
    return outputs
